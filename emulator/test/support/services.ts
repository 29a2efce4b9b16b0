import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { FastifyInstance } from 'fastify';
import getPort from 'get-port';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmulatorContext } from '../../src/context.js';
import { createFaults } from '../../src/faults.js';
import { spawnGuarded } from '../../src/process.js';
import type { GuardedProcess } from '../../src/process.js';
import { createApp } from '../../src/server.js';
import type { Register } from '../../src/server.js';
import { createStore } from '../../src/store.js';

const ACCOUNT = 'devstoreaccount1';
/** Azurite's published development key. */
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

async function startAzurite(dataDir: string): Promise<{ url: string; process: GuardedProcess }> {
  const port = await getPort({ host: '127.0.0.1' });
  const main = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const location = join(dataDir, 'blob');
  const args = [main, '--blobPort', String(port), '--location', location, '--skipApiVersionCheck'];
  let ready: () => void;
  const listening = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const azurite = spawnGuarded(process.execPath, [...args, '--disableTelemetry', '--loose'], {
    onLine: (line) => {
      if (line.includes('successfully listens')) ready();
    },
  });
  await listening;
  return { url: `http://127.0.0.1:${port}/${ACCOUNT}`, process: azurite };
}

/** Parts of the emulator on a free port, with state in a temporary folder. */
export interface Services {
  readonly ctx: EmulatorContext;
  readonly url: string;
  /** Stops the services and starts them again on the same state and another port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts `services` alone, with Azurite when `blob` is asked for; `beforeClose` stops what still uses the store. */
export async function startServices(
  services: readonly Register[],
  blob = false,
  beforeClose: () => Promise<void> = () => Promise.resolve(),
): Promise<Services> {
  const dataDir = await mkdtemp(join(tmpdir(), 'azureml-emulator-'));
  const azurite = blob ? await startAzurite(dataDir) : undefined;
  const blobUrl = azurite?.url ?? `http://127.0.0.1:1/${ACCOUNT}`;
  let url = '';
  let app: FastifyInstance;
  let ctx: EmulatorContext;

  async function start(): Promise<void> {
    ctx = {
      store: createStore(dataDir),
      dataDir,
      baseUrl: () => url,
      publicUrl: () => url,
      blob: {
        url: blobUrl,
        publicUrl: blobUrl,
        account: ACCOUNT,
        key: KEY,
        ready: Promise.resolve(),
        service: new BlobServiceClient(blobUrl, new StorageSharedKeyCredential(ACCOUNT, KEY)),
      },
      log: () => undefined,
      faults: createFaults(),
      lroDelayMs: 0,
    };
    app = await createApp(ctx, () => undefined, services);
    url = await app.listen({ port: 0, host: '127.0.0.1' });
  }

  async function end(): Promise<void> {
    await app.close();
    await beforeClose();
    await ctx.store.close();
  }

  await start();
  return {
    get ctx() {
      return ctx;
    },
    get url() {
      return url;
    },
    async restart() {
      await end();
      await start();
    },
    async stop() {
      await end();
      await azurite?.process.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
