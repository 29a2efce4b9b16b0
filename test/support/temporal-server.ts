import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import getPort from 'get-port';
import { searchAttributes } from '../../src/workflows/messages.js';
import { EndedEarly, startedAgain } from '../../tools/local/started-again.js';
import { type Started, startProgram } from './programs.js';

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
export function startTemporalServer(options: TemporalServerOptions = {}): Promise<TemporalServer> {
  return startedAgain(() => startOnce(options));
}

async function startOnce(options: TemporalServerOptions): Promise<TemporalServer> {
  const port = options.port ?? (await getPort());
  const uiPort = options.ui === true ? await getPort() : undefined;
  const attributes = options.attributes === false ? [] : Object.entries(searchAttributes);
  const program = startProgram(temporalBinary(), [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(options.dbFile === undefined ? [] : ['--db-filename', options.dbFile]),
    ...attributes.flatMap(([name, type]) => ['--search-attribute', `${name}=${cliType[type]}`]),
  ]);
  const address = `127.0.0.1:${port}`;
  try {
    await serves(address, program);
  } catch (error) {
    await program.stop('SIGKILL');
    throw error;
  }
  return {
    address,
    stop: (signal) => program.stop(signal),
    ...(uiPort !== undefined && { uiUrl: `http://127.0.0.1:${uiPort}` }),
  };
}

async function serves(address: string, program: Started): Promise<void> {
  const until = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      await connection.close();
      return;
    } catch (error) {
      if (program.ended()) throw new EndedEarly('The Temporal server', program.log());
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
