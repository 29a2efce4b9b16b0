import type { AppendBlobClient } from '@azure/storage-blob';
import type { EmulatorContext } from '../context.js';
import type { BlobLocation } from './uris.js';

/** What a change of a log's blob is told as; its key is `container/path`. */
export const LOGS = 'logs';

const FLUSH_MS = 1000;
/** Limit of one append in the Blob service. */
const BLOCK = 4 * 1024 * 1024;

/** A text file in Blob that grows while a job runs, so that it can be followed. */
export interface LogBlob {
  readonly write: (line: string) => void;
  /** Writes what is left; the log cannot be used afterwards. Failures of Blob are only logged: they must not fail the job. */
  close(): Promise<void>;
}

export function createLogBlob(ctx: EmulatorContext, { container, prefix }: BlobLocation): LogBlob {
  const client = ctx.blob.service.getContainerClient(container);
  const blob = client.getAppendBlobClient(prefix);
  let pending: string[] = [];
  let created = false;
  let closing = false;
  let flushing = Promise.resolve();

  const tell = () => {
    ctx.store.changes.tell({ collection: LOGS, key: `${container}/${prefix}` });
  };

  async function flush(): Promise<void> {
    if (pending.length === 0) return;
    const text = Buffer.from(pending.map((line) => `${line}\n`).join(''));
    pending = [];
    // Nothing comes after it: one request instead of two.
    if (!created && closing) {
      await client.getBlockBlobClient(prefix).upload(text, text.length);
      tell();
      return;
    }
    if (!created) await blob.create();
    created = true;
    await append(blob, text);
    tell();
  }

  function flushSoon(): Promise<void> {
    flushing = flushing.then(flush).catch((error: unknown) => {
      ctx.log(`log ${prefix}: ${error instanceof Error ? error.message : String(error)}`);
    });
    return flushing;
  }

  const timer = setInterval(() => void flushSoon(), FLUSH_MS);
  return {
    write: (line) => {
      pending.push(line);
    },
    close: async () => {
      clearInterval(timer);
      closing = true;
      await flushSoon();
    },
  };
}

async function append(blob: AppendBlobClient, bytes: Buffer): Promise<void> {
  for (let start = 0; start < bytes.length; start += BLOCK) {
    const part = bytes.subarray(start, start + BLOCK);
    await blob.appendBlock(part, part.length);
  }
}
