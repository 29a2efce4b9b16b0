import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import getPort from 'get-port';
import { searchAttributes } from '../../src/workflows/messages.js';

export interface TemporalServer {
  /** host:port of the frontend. */
  readonly address: string;
  readonly uiUrl?: string;
  /** Ends the process and waits for it. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface TemporalServerOptions {
  /** Keeps the state over a restart; else everything is in memory. */
  readonly dbFile?: string;
  readonly ui?: boolean;
  /** Fixed port, for a restart at the same address. */
  readonly port?: number;
  /** Registers the project's search attributes; default true. */
  readonly attributes?: boolean;
}

/** Types as the CLI spells them. */
const cliType = { KEYWORD: 'Keyword' } as const;
const startTimeoutMs = 30_000;

/** Starts a real Temporal dev server on loopback and waits until it serves the namespace `default`. */
export async function startTemporalServer(options: TemporalServerOptions = {}): Promise<TemporalServer> {
  const port = options.port ?? (await getPort());
  const uiPort = options.ui === true ? await getPort() : undefined;
  const attributes = options.attributes === false ? [] : Object.entries(searchAttributes);
  const child = spawn(
    temporalBinary(),
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
      ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
      ...(options.dbFile === undefined ? [] : ['--db-filename', options.dbFile]),
      ...attributes.flatMap(([name, type]) => ['--search-attribute', `${name}=${cliType[type]}`]),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-4_000)));
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const killOnExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killOnExit);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await ended;
    process.off('exit', killOnExit);
  };
  const address = `127.0.0.1:${port}`;
  try {
    await Promise.race([
      serves(address),
      ended.then(() => Promise.reject(new Error(`The Temporal server ended at once: ${log}`))),
    ]);
  } catch (error) {
    await stop('SIGKILL');
    throw error;
  }
  return { address, stop, ...(uiPort !== undefined && { uiUrl: `http://127.0.0.1:${uiPort}` }) };
}

async function serves(address: string): Promise<void> {
  const until = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      await connection.close();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await pause(100);
    }
  }
}

/** `MLOPS_TEMPORAL_BINARY`, else `temporal` on the PATH, else the one that `npm start` and `npm test` keep in the user's cache. */
export function temporalBinary(env: NodeJS.ProcessEnv = process.env): string {
  const cache = env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const candidates = [
    env['MLOPS_TEMPORAL_BINARY'],
    ...(env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'temporal')),
    join(cache, 'temporal-mlops', 'bin', 'temporal'),
  ];
  const found = candidates.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (found === undefined) {
    throw new Error(
      'No Temporal server: set MLOPS_TEMPORAL_BINARY, put `temporal` on the PATH, or run `npm test`, which gets one.',
    );
  }
  return found;
}
