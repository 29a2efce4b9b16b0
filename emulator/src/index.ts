import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdir } from 'node:fs/promises';
import { launchAzurite } from './blob/azurite-process.js';
import { createClock } from './clock.js';
import type { EmulatorContext } from './context.js';
import { createFaults } from './faults.js';
import { lockDataDir } from './lock.js';
import { choosePort, lastPorts, rememberPorts } from './ports.js';
import type { Ports } from './ports.js';
import { publicUrls } from './public-urls.js';

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
  /** Base URL that computed addresses (scoring, MLflow, GitHub) begin with, where clients do not run on this machine. */
  readonly publicUrl?: string | undefined;
  /** Base URL of Blob for such clients; by default the host of `publicUrl` with Blob's port. */
  readonly publicBlobUrl?: string | undefined;
  /** At least so long takes a long-running operation of Resource Manager; 100 by default. */
  readonly lroDelayMs?: number;
  /** A file of faults, conditions and quota to begin with, YAML or JSON; as the control API takes them. */
  readonly faults?: string | undefined;
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

/** What `lroDelayMs` is unless given. */
export { clientVariables } from './setup/variables.js';
export const LRO_DELAY_MS = 100;

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
  const blobPort = await choosePort(options.blobPort, before.blob, host);
  const azurite = launchAzurite({ dataDir, host, port: blobPort, log });
  closers.push(() => azurite.stop());
  const { url: blobUrl } = azurite;
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host;
  const reachable = (url: string) => publicUrls({ url, blobUrl }, options);
  const { blobUrl: publicBlobUrl } = reachable(`http://${shown}`);

  // Only now, so that Azurite, which takes longest to start, does so while these load.
  const { connectAzurite, createApp, createServices, createStore, lastLead, orderFaults } =
    await import('./parts.js');
  const store = createStore(dataDir);
  closers.push(() => store.close());
  let url = '';
  const ctx: EmulatorContext = {
    store,
    dataDir,
    baseUrl: () => url,
    publicUrl: (base = url) => reachable(base).url,
    blob: connectAzurite(azurite, publicBlobUrl),
    log,
    faults: createFaults(createClock(lastLead(store))),
    lroDelayMs: options.lroDelayMs ?? LRO_DELAY_MS,
  };
  if (options.faults !== undefined) await orderFaults(ctx, options.faults);
  const services = createServices(ctx);
  const app = await createApp(ctx, services.everywhere, services.registers);
  closers.push(
    () => services.stop(),
    () => app.close(),
  );
  const port = await choosePort(options.port, before.http, host);
  await app.listen({ port, host });
  const listening = (app.server.address() as AddressInfo).port;
  url = `http://${shown}:${listening}`;

  const https = await startHttps(options, before, host, (request, response) => {
    app.routing(request, response);
  });
  if (https !== undefined) closers.push(https.close);
  await azurite.ready;
  await services.recover();
  await rememberPorts(dataDir, {
    ...before,
    http: listening,
    blob: blobPort,
    ...(https && { https: https.port }),
  });
  const secure =
    https === undefined ? {} : { httpsUrl: `https://${shown}:${https.port}`, caPath: https.caPath };
  return { url, ...secure, blobUrl, stop };
}

async function startHttps(
  options: EmulatorOptions,
  before: Ports,
  host: string,
  handler: RequestListener,
): Promise<{ port: number; caPath: string; close: () => Promise<void> } | undefined> {
  if (options.httpsPort === undefined) return undefined;
  // Certificates need a large library; most clients use http.
  const { loadCertificates } = await import('./tls.js');
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
