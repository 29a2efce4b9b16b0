import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';
import type { EmulatorContext } from '../context.js';
import { LOGS } from '../runner/log-blob.js';
import type { Scoring } from '../scoring/index.js';
import type { LogSource } from './page.js';

/** A piece of a log, for a page that shows it. */
export interface LogPiece {
  readonly text: string;
  /** Bytes that were left out before it: the whole is elsewhere. */
  readonly skipped?: number;
}

/** A page begins with so much of a log, and leaves out what comes faster than it. */
const MOST_BYTES = 256 * 1024;
const TAIL_LINES = 500;

/** Sends a log from its tail on, as it grows; returns what ends that. */
export function streamLog(
  { ctx, scoring }: { readonly ctx: EmulatorContext; readonly scoring: Scoring },
  source: LogSource,
  send: (piece: LogPiece) => void,
): () => void {
  return source.kind === 'blob'
    ? streamBlob(ctx, source.container, source.path, send)
    : streamContainer(scoring, source.deploymentId, send);
}

function streamContainer(
  scoring: Scoring,
  deploymentId: string,
  send: (piece: LogPiece) => void,
): () => void {
  let begun = false;
  const end = scoring.follow(deploymentId, (line) => {
    if (begun) send({ text: `${readable(line)}\n` });
  });
  void scoring.logs(deploymentId, TAIL_LINES).then((text) => {
    // Lines that came meanwhile are part of the tail.
    begun = true;
    if (text !== '') send({ text: readable(text.endsWith('\n') ? text : `${text}\n`) });
  });
  return end;
}

function streamBlob(
  ctx: EmulatorContext,
  container: string,
  path: string,
  send: (piece: LogPiece) => void,
): () => void {
  const blob = ctx.blob.service.getContainerClient(container).getBlobClient(path);
  const decoder = new StringDecoder('utf8');
  let offset = 0;
  let reading = Promise.resolve();
  let ended = false;

  async function read(): Promise<void> {
    if (ended) return;
    const size = await blob.getProperties().then(
      ({ contentLength = 0 }) => contentLength,
      () => 0,
    );
    if (size <= offset) return;
    const skipped = Math.max(0, size - offset - MOST_BYTES);
    const from = offset + skipped;
    const bytes = await blob.downloadToBuffer(from, size - from);
    offset = size;
    // What it holds of a letter that was cut belongs to what is left out.
    if (skipped > 0) decoder.end();
    const text = readable(decoder.write(bytes));
    // From the middle of a line on, the rest of it tells nothing.
    send(skipped === 0 ? { text } : { text: text.slice(text.indexOf('\n') + 1), skipped });
  }

  function readSoon(): void {
    reading = reading.then(read).catch((error: unknown) => {
      ctx.log(`log ${path}: ${String(error)}`);
    });
  }

  const end = ctx.store.changes.watch(({ collection, key }) => {
    if (collection === LOGS && key === `${container}/${path}`) readSoon();
  });
  readSoon();
  return () => {
    ended = true;
    end();
  };
}

/** Without colors, and of a line that was written over and over, as progress bars are, what came last. */
function readable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/^.*\r(?=[^\n])/gm, '')
    .replaceAll('\r\n', '\n');
}
