import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGuarded } from '../process.js';

/** The account that Azurite has without configuration. */
export const ACCOUNT = 'devstoreaccount1';
const START_LIMIT_MS = 30_000;

/** Microsoft's Blob emulator as a child that ends with this process. */
export interface AzuriteProcess {
  /** `http://127.0.0.1:P/devstoreaccount1` */
  readonly url: string;
  /** Resolves when it answers; rejects with its last words when it does not come up. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

export interface AzuriteOptions {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly log: (line: string) => void;
}

/** Starts Azurite; imports none of Azure's packages, so that it can start while they load. */
export function launchAzurite({ dataDir, host, port, log }: AzuriteOptions): AzuriteProcess {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host;
  const url = `http://${reachable}:${port}/${ACCOUNT}`;
  const lastLines: string[] = [];
  const location = join(dataDir, 'blob');
  const script = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const args = [
    ...['--blobHost', host, '--blobPort', String(port), '--location', location],
    ...['--skipApiVersionCheck', '--disableTelemetry', '--disableProductStyleUrl', '--loose', '--silent'],
  ];
  const started = mkdir(location, { recursive: true }).then(() =>
    spawnGuarded(process.execPath, [script, ...args], {
      env: process.env,
      onLine: (line) => {
        lastLines.splice(0, Math.max(0, lastLines.length - 20));
        lastLines.push(line);
      },
    }),
  );
  let stopping = false;
  const ready = started.then(async (child) => {
    void child.exited.then((code) => {
      if (!stopping) log(`Azurite ended with code ${code}: ${lastLines.join(' | ')}`);
    });
    const died = child.exited.then((code) => {
      throw new Error(`Azurite ended with code ${code} while starting: ${lastLines.join(' | ')}`);
    });
    died.catch(() => undefined);
    await Promise.race([answers(url), died]);
  });
  // Its failure is reported to everybody who waits; nobody may be waiting yet.
  ready.catch(() => undefined);
  return {
    url,
    ready,
    async stop() {
      stopping = true;
      await (await started).stop();
    },
  };
}

/** Any HTTP answer is a sign of life: without a signature it is 403. */
async function answers(url: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await fetch(`${url}?comp=list`);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`Azurite did not answer at ${url}.`, { cause: error });
      await sleep(50);
    }
  }
}
