import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdir } from 'node:fs/promises';
import { startAzurite } from './blob/azurite.js';
import type { EmulatorContext } from './context.js';
import { createFaults } from './faults.js';
import { lockDataDir } from './lock.js';
import { choosePort, lastPorts, rememberPorts } from './ports.js';
import type { Ports } from './ports.js';
import { createApp } from './server.js';
import { createServices } from './services.js';
import { createStore } from './store.js';
import { loadCertificates } from './tls.js';

export interface EmulatorOptions {
  /** Folder of all state; made when missing. One emulator at a time may use it. */
  readonly dataDir: string;
  /** Port of http; 0 (default): the folder's last one when it is free, else any. */
  readonly port?: number;
  /** Port of https; undefined: no https; 0 as for `port`. */
  readonly httpsPort?: number | undefined;
  /** Port of Azurite; as for `port`. */
  readonly blobPort?: number;
  /** Interface to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** At least so long takes a long-running operation of Resource Manager; 300 by default. */
  readonly lroDelayMs?: number;
  /** No lines on stderr. */
  readonly quiet?: boolean;
}

export interface Emulator {
  /** http base URL, no trailing slash. */
  readonly url: string;
  readonly httpsUrl?: string;
  /** The authority's certificate to trust for `httpsUrl`. */
  readonly caPath?: string;
  /** `http://127.0.0.1:P/devstoreaccount1`, Azurite's well-known account. */
  readonly blobUrl: string;
  stop(): Promise<void>;
}

/** Starts all of it; resolves when requests are answered and Blob is ready. Rejects, with everything stopped, when a part does not come up. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { dataDir, host = '127.0.0.1' } = options;
  await mkdir(dataDir, { recursive: true });
  const unlock = await lockDataDir(dataDir);
  const closers: (() => Promise<void>)[] = [unlock];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await start(options, host, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: EmulatorOptions,
  host: string,
  closers: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Emulator> {
  const { dataDir } = options;
  const log = (line: string) => {
    if (options.quiet !== true) process.stderr.write(`azureml-emulator: ${line}\n`);
  };
  const before = await lastPorts(dataDir);
  const store = createStore(dataDir);
  closers.push(() => store.close());
  const blobPort = await choosePort(options.blobPort, before.blob, host);
  const blob = startAzurite({ dataDir, host, port: blobPort, log });
  closers.push(() => blob.stop());

  let url = '';
  const ctx: EmulatorContext = {
    store,
    dataDir,
    baseUrl: () => url,
    blob,
    log,
    faults: createFaults(),
    lroDelayMs: options.lroDelayMs ?? 300,
  };
  const services = createServices(ctx);
  const app = await createApp(ctx, services.everywhere, services.registers);
  closers.push(
    () => services.stop(),
    () => app.close(),
  );
  const port = await choosePort(options.port, before.http, host);
  await app.listen({ port, host });
  const listening = (app.server.address() as AddressInfo).port;
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host;
  url = `http://${shown}:${listening}`;

  const https = await startHttps(options, before, host, (request, response) => {
    app.routing(request, response);
  });
  if (https !== undefined) closers.push(https.close);
  await blob.ready;
  await services.recover();
  await rememberPorts(dataDir, {
    ...before,
    http: listening,
    blob: blobPort,
    ...(https && { https: https.port }),
  });
  const secure =
    https === undefined ? {} : { httpsUrl: `https://${shown}:${https.port}`, caPath: https.caPath };
  return { url, ...secure, blobUrl: blob.url, stop };
}

async function startHttps(
  options: EmulatorOptions,
  before: Ports,
  host: string,
  handler: RequestListener,
): Promise<{ port: number; caPath: string; close: () => Promise<void> } | undefined> {
  if (options.httpsPort === undefined) return undefined;
  const { cert, key, caPath } = await loadCertificates(options.dataDir);
  const server = createServer({ cert, key }, handler);
  const port = await choosePort(options.httpsPort, before.https, host);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  return { port: (server.address() as AddressInfo).port, caPath, close };
}
