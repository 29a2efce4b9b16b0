import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'bin', 'azureml-emulator.js');

export interface Ready {
  url: string;
  blobUrl: string;
}

/** The program as a process of its own. */
export interface BinProcess {
  readonly child: ChildProcess;
  /** Its exit code; null after a signal. */
  readonly ended: Promise<number | null>;
  readonly stderr: () => string;
  /** Its addresses, once it is ready. */
  readonly ready: () => Promise<Ready>;
}

/** Compiles the emulator where it is not up to date. */
export async function buildBin(): Promise<void> {
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin',
    'tsc',
  );
  await promisify(execFile)(process.execPath, [compiler, '-b', root]);
}

/** Runs a subcommand to its end; gives its lines. Rejects when it fails. */
export async function runBin(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...args], { env });
  return stdout.trim().split('\n');
}

/** Starts an emulator on free ports. */
export function startBin(dataDir: string, ...flags: string[]): BinProcess {
  const child = spawn(process.execPath, [bin, '--port', '0', '--data', dataDir, '--json', ...flags]);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    child,
    ended,
    stderr: () => errors,
    ready: async () => {
      for await (const line of createInterface(child.stdout)) return JSON.parse(line) as Ready;
      throw new Error(`ended before it was ready: ${errors}`);
    },
  };
}
