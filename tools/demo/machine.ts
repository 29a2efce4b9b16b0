import { appendFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type GuardedProcess, spawnGuarded } from 'azureml-emulator/process';
import getPort from 'get-port';
import { Client, Connection } from '@temporalio/client';
import { registerSearchAttributes } from '../../src/temporal/search-attributes.js';
import { root } from './paths.js';

/** Addresses of everything that runs. */
export interface Addresses {
  readonly temporal: string;
  readonly temporalUi: string;
  readonly emulator: string;
  readonly blob: string;
}

interface Ready {
  readonly url: string;
  readonly blobUrl: string;
}

const startTimeoutMs = 60_000;

/** The Temporal server, the emulator and the worker, each a process of its own that ends with this one. */
export class Machine {
  private readonly processes: GuardedProcess[] = [];
  private worker: GuardedProcess | undefined;
  private constructor(
    readonly folder: string,
    readonly addresses: Addresses,
    readonly client: Client,
    private readonly workerEnv: NodeJS.ProcessEnv,
  ) {}

  /** Starts from nothing in `folder`. `say` hears of ports that were taken. */
  static async start(folder: string, say: (line: string) => void): Promise<Machine> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const processes: GuardedProcess[] = [];
    try {
      const [temporal, emulator] = await Promise.all([
        startTemporal(folder, processes, say),
        startEmulator(folder, processes),
      ]);
      const addresses = { ...temporal, emulator: emulator.url, blob: emulator.blobUrl };
      const connection = await connected(addresses.temporal);
      await registerSearchAttributes(connection, 'default');
      const machine = new Machine(
        folder,
        addresses,
        new Client({ connection }),
        workerEnv(folder, addresses),
      );
      machine.processes.push(...processes);
      await machine.startWorker();
      return machine;
    } catch (error) {
      await Promise.all(processes.map((process) => process.stop()));
      throw error;
    }
  }

  async startWorker(): Promise<void> {
    const ready = deferred<true>();
    const worker = spawnGuarded(process.execPath, [join(root, 'lib/src/worker.js')], {
      env: this.workerEnv,
      onLine: (line) => {
        log(this.folder, 'worker', line);
        if (line.startsWith('worker ready')) ready.resolve(true);
      },
    });
    this.worker = worker;
    await orEnded(ready.promise, worker, 'the worker', join(this.folder, 'worker.log'));
  }

  /** As a machine that loses power would: nothing is said to anybody. */
  async killWorker(): Promise<void> {
    const { worker } = this;
    if (worker === undefined) return;
    process.kill(-worker.pid, 'SIGKILL');
    await worker.exited;
  }

  async stop(): Promise<void> {
    await this.worker?.stop(15_000);
    await this.client.connection.close();
    await Promise.all(this.processes.map((process) => process.stop()));
  }
}

async function startTemporal(
  folder: string,
  processes: GuardedProcess[],
  say: (line: string) => void,
): Promise<Pick<Addresses, 'temporal' | 'temporalUi'>> {
  const given = process.env['TEMPORAL_ADDRESS'];
  if (given !== undefined && given !== '')
    return { temporal: given, temporalUi: process.env['MLOPS_TEMPORAL_UI_URL'] ?? '' };
  const port = await freePort(7233, 'Temporal', say);
  const uiPort = await freePort(8233, 'Temporal UI', say);
  const binary = process.env['MLOPS_TEMPORAL_BINARY'] ?? 'temporal';
  const database = join(folder, 'temporal.db');
  const args = [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--ui-port',
    String(uiPort),
  ];
  processes.push(
    spawnGuarded(binary, [...args, '--db-filename', database, '--log-level', 'error'], {
      onLine: (line) => {
        log(folder, 'temporal', line);
      },
    }),
  );
  return { temporal: `127.0.0.1:${port}`, temporalUi: `http://127.0.0.1:${uiPort}` };
}

async function startEmulator(folder: string, processes: GuardedProcess[]): Promise<Ready> {
  const ready = deferred<Ready>();
  const args = [
    join(root, 'emulator/bin/azureml-emulator.js'),
    '--json',
    '--no-https',
    '--port',
    '0',
    '--data',
    join(folder, 'azure'),
  ];
  const emulator = spawnGuarded(process.execPath, args, {
    env: process.env,
    onLine: (line, stream) => {
      log(folder, 'emulator', line);
      if (stream === 'stdout' && line.startsWith('{')) ready.resolve(JSON.parse(line) as Ready);
    },
  });
  processes.push(emulator);
  return await orEnded(ready.promise, emulator, 'the emulator', join(folder, 'emulator.log'));
}

function workerEnv(folder: string, addresses: Addresses): NodeJS.ProcessEnv {
  return {
    ...process.env,
    TEMPORAL_ADDRESS: addresses.temporal,
    MLOPS_POLICY: join(root, 'examples/policy.yml'),
    MLOPS_CACHE: join(folder, 'sources'),
    ...clientEnv(addresses),
    GITHUB_TOKEN: 'worker-token',
  };
}

/** Settings that make the worker and the command line use what runs here. */
export function clientEnv(addresses: Addresses): NodeJS.ProcessEnv {
  return {
    TEMPORAL_ADDRESS: addresses.temporal,
    MLOPS_TEMPORAL_UI_URL: addresses.temporalUi,
    MLOPS_AZURE_URL: addresses.emulator,
    MLOPS_BLOB_URL: addresses.blob,
    MLOPS_LOGS_URL: addresses.emulator,
    MLOPS_GITHUB_URL: `${addresses.emulator}/github`,
  };
}

async function freePort(wanted: number, purpose: string, say: (line: string) => void): Promise<number> {
  const port = await getPort({ port: wanted, host: '127.0.0.1' });
  if (port !== wanted) say(`port ${wanted} (${purpose}) is taken: ${port} is used instead`);
  return port;
}

async function connected(address: string): Promise<Connection> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      return await Connection.connect({ address, connectTimeout: '2s' });
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function orEnded<T>(
  ready: Promise<T>,
  child: GuardedProcess,
  what: string,
  logFile: string,
): Promise<T> {
  const ended = child.exited.then((code) => {
    throw new Error(`${what} ended with ${code} before it was ready; see ${logFile}`);
  });
  const timeout = new Promise<never>((_resolve, reject) => {
    setTimeout(() => {
      reject(new Error(`${what} was not ready in ${startTimeoutMs / 1000} s; see ${logFile}`));
    }, startTimeoutMs).unref();
  });
  return await Promise.race([ready, ended, timeout]);
}

function log(folder: string, name: string, line: string): void {
  appendFileSync(join(folder, `${name}.log`), `${line}\n`);
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
