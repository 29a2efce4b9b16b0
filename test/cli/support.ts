import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { run } from '../../src/cli/run.js';

export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CliPlace {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const program = join(import.meta.dirname, '../../bin/mlops.js');

/** The installed command as a shell runs it. Nobody's Temporal or Azure is found by accident. */
export function runProcess(
  args: readonly string[],
  { cwd = tmpdir(), env = {} }: CliPlace = {},
): Promise<CliRun> {
  const own = { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...env };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd, env: own, timeout: 60_000 }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, out, err });
    });
  });
}

/** The same command line in this process: quick, and it needs no build. */
export async function runHere(
  args: readonly string[],
  { cwd = tmpdir(), env = {} }: CliPlace = {},
): Promise<CliRun> {
  const [out, err] = [new Kept(), new Kept()];
  const code = await run(args, { out, err, cwd, env: { ...process.env, ...env }, tty: false });
  return { code, out: out.text, err: err.text };
}

/** A stream that keeps what was written to it. */
export class Kept extends Writable {
  text = '';

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A new temporary folder with these files: path → contents. */
export async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mlops-cli-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}
