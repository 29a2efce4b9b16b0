import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuardedProcess } from 'azureml-emulator/process';
import getPort from 'get-port';
import { Client, Connection } from '@temporalio/client';
import { addAttributes, missingAttributes } from '../../src/temporal/search-attributes.js';
import { killChild, startChild } from './child.js';
import { root } from './paths.js';
import { EndedEarly, startedAgain } from './started-again.js';
import { examplePolicy } from './workspace.js';

/** Addresses of everything that runs. */
export interface Addresses {
  readonly temporal: string;
  readonly temporalUi: string;
  readonly emulator: string;
  readonly blob: string;
}

export interface MachineOptions {
  /** Folder of all state, made anew. */
  readonly folder: string;
  /** Hears of ports that were taken. */
  readonly say: (line: string) => void;
  /** policy.yml of the operators; default: the examples'. */
  readonly policy?: string;
  /** Ports that people know instead of any free ones, and a Temporal server that is there already. */
  readonly usual?: boolean;
}

interface Ready {
  readonly url: string;
  readonly blobUrl: string;
}

const startTimeoutMs = 60_000;

/** The Temporal server, the emulator and the worker, each a process of its own that ends with this one. */
export class Machine {
  private worker: GuardedProcess | undefined;
  private constructor(
    readonly addresses: Addresses,
    readonly client: Client,
    private readonly options: MachineOptions,
    private temporal: GuardedProcess | undefined,
    private readonly emulator: GuardedProcess,
  ) {}

  static async start(options: MachineOptions): Promise<Machine> {
    await rm(options.folder, { recursive: true, force: true });
    await mkdir(options.folder, { recursive: true });
    const emulator = startEmulator(options.folder);
    let temporal: GuardedProcess | undefined;
    let machine: Machine | undefined;
    try {
      const place = await temporalPlace(options);
      if (place.own) temporal = await startTemporal(options.folder, place);
      const { url, blobUrl } = await emulator.ready;
      const addresses = { ...place, emulator: url, blob: blobUrl };
      const connection = await connected(addresses.temporal);
      machine = new Machine(addresses, new Client({ connection }), options, temporal, emulator.process);
      await addAttributes(connection, 'default', await missingAttributes(connection, 'default'));
      await machine.startWorker();
      return machine;
    } catch (error) {
      await machine?.stop();
      await Promise.all([temporal?.stop(), emulator.process.stop()]);
      throw error;
    }
  }

  get folder(): string {
    return this.options.folder;
  }

  /** `other`: settings of this worker only. */
  async startWorker(other: NodeJS.ProcessEnv = {}): Promise<void> {
    const { folder, policy = examplePolicy } = this.options;
    const env = {
      ...process.env,
      MLOPS_POLICY: policy,
      MLOPS_CACHE: join(folder, 'sources'),
      ...clientEnv(this.addresses),
      GITHUB_TOKEN: 'worker-token',
      ...other,
    };
    const command = process.execPath;
    const args = [join(root, 'lib/src/worker.js')];
    const worker = startChild({ name: 'worker', folder, command, args, env }, (line) =>
      line.startsWith('worker ready') ? true : undefined,
    );
    this.worker = worker.process;
    await worker.ready;
  }

  async killWorker(): Promise<void> {
    if (this.worker !== undefined) await killChild(this.worker);
  }

  /** Kills the Temporal server and starts it again on its database, at the same address. */
  async crashTemporal(): Promise<void> {
    if (this.temporal === undefined) throw new Error('the Temporal server is not ours to kill');
    await killChild(this.temporal);
    this.temporal = await startTemporal(this.folder, this.addresses);
  }

  async stop(): Promise<void> {
    await this.worker?.stop(15_000);
    await Promise.all([this.temporal?.stop(), this.emulator.stop()]);
    // Last: the SDK repeats a call by a timer, which on a closed channel throws where nobody can catch it.
    await this.client.connection.close();
  }
}

type TemporalPlace = Pick<Addresses, 'temporal' | 'temporalUi'>;

async function temporalPlace({ usual, say }: MachineOptions): Promise<TemporalPlace & { own: boolean }> {
  const { TEMPORAL_ADDRESS: given = '', MLOPS_TEMPORAL_UI_URL: temporalUi = '' } = process.env;
  if (usual === true && given !== '') return { temporal: given, temporalUi, own: false };
  const free = async (wanted: number, purpose: string): Promise<number> => {
    if (usual !== true) return await getPort({ host: '127.0.0.1' });
    const port = await getPort({ port: wanted, host: '127.0.0.1' });
    if (port !== wanted) say(`port ${wanted} (${purpose}) is taken: ${port} is used instead`);
    return port;
  };
  const port = await free(7233, 'Temporal');
  const uiPort = await free(8233, 'Temporal UI');
  return { temporal: `127.0.0.1:${port}`, temporalUi: `http://127.0.0.1:${uiPort}`, own: true };
}

/** @returns once it serves. */
function startTemporal(folder: string, { temporal, temporalUi }: TemporalPlace): Promise<GuardedProcess> {
  const ports = ['--port', new URL(`http://${temporal}`).port, '--ui-port', new URL(temporalUi).port];
  const database = ['--db-filename', join(folder, 'temporal.db'), '--log-level', 'error'];
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', ...ports, ...database];
  const command = process.env['MLOPS_TEMPORAL_BINARY'] ?? 'temporal';
  return startedAgain(async () => {
    const { process } = startChild({ name: 'temporal', folder, command, args }, () => undefined);
    const over = new AbortController();
    void process.exited.then(() => {
      over.abort(new EndedEarly('temporal', `see ${join(folder, 'temporal.log')}`));
    });
    try {
      await (await connected(temporal, over.signal)).close();
      return process;
    } catch (error) {
      await process.stop();
      throw error;
    }
  });
}

function startEmulator(folder: string) {
  const program = join(root, 'emulator/bin/azureml-emulator.js');
  const args = [program, '--json', '--no-https', '--port', '0', '--data', join(folder, 'azure')];
  const command = process.execPath;
  return startChild({ name: 'emulator', folder, command, args, env: process.env }, (line) =>
    line.startsWith('{"') ? (JSON.parse(line) as Ready) : undefined,
  );
}

/** Settings that make the worker and the command line use what runs here. */
export function clientEnv(addresses: Addresses): NodeJS.ProcessEnv {
  return {
    TEMPORAL_ADDRESS: addresses.temporal,
    MLOPS_TEMPORAL_UI_URL: addresses.temporalUi,
    MLOPS_AZURE_URL: addresses.emulator,
    MLOPS_BLOB_URL: addresses.blob,
    MLOPS_LOGS_URL: addresses.emulator,
    MLOPS_STUDIO_URL: addresses.emulator,
    MLOPS_GITHUB_URL: `${addresses.emulator}/github`,
  };
}

async function connected(address: string, over?: AbortSignal): Promise<Connection> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      return await Connection.connect({ address, connectTimeout: '2s' });
    } catch (error) {
      over?.throwIfAborted();
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
