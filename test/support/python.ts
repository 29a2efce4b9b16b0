import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ensurePython, UV_VARIABLE } from '../../tools/prepare/python.mjs';

const run = promisify(execFile);

/** What the references are computed with; runs on Python 3.10 and later. */
const packages = ['numpy==2.2.6', 'scipy==1.15.3'];

/** Runs a script in an environment of NumPy and SciPy, which uv makes once and keeps. Answers what it prints. */
export async function runPython(script: string, args: readonly string[]): Promise<string> {
  const { [UV_VARIABLE]: uv = 'uv' } = await ensurePython({ step: () => undefined, note: () => undefined });
  const withPackages = packages.flatMap((requirement) => ['--with', requirement]);
  const options = ['run', '--no-project', '--quiet', '--python', 'python3', ...withPackages];
  const { stdout } = await run(uv, [...options, 'python', script, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
