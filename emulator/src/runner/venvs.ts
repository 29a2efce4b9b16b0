import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { userError } from '../errors.js';
import { spawnGuarded } from '../process.js';
import type { PythonSpec } from './conda.js';
import type { PythonEnvironment } from './environments.js';

const MARKER = '.complete';
const LOCK_POLL_MS = 200;
/** How much of an installer's output an error carries: pip lists hundreds of versions in a line. */
const TAIL = 15;
const LONGEST_LINE = 500;
const LEAST_PYTHON = [3, 10] as const;

type OnLine = (line: string) => void;

export interface VenvCache {
  ensure(spec: PythonSpec, extraPackages: readonly string[], onLine: OnLine): Promise<PythonEnvironment>;
}

/** Folder of all virtual environments: `$AZUREML_EMULATOR_CACHE`, else the user's cache folder. */
export function cacheFolder(): string {
  const own = process.env['AZUREML_EMULATOR_CACHE'];
  if (own !== undefined && own !== '') return own;
  const user = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(user, 'azureml-emulator', 'envs');
}

/** Makes each environment once, also when several callers or several emulators ask at the same time. */
export function createVenvCache(log: OnLine): VenvCache {
  const making = new Map<string, Promise<void>>();
  let installer: Promise<Installer> | undefined;

  return {
    async ensure(spec, extraPackages, onLine) {
      const { python, version, uv } = await (installer ??= findInstaller());
      for (const note of [...spec.notes, ...pythonNote(spec, version)]) onLine(note);
      const requirements = [...new Set([...spec.requirements, ...extraPackages])].sort();
      const hash = hashOf({ requirements, options: spec.options, version });
      const dir = join(cacheFolder(), hash);
      if (!(await exists(join(dir, MARKER)))) {
        const running = making.get(hash) ?? makeOnce({ dir, requirements, spec, python, uv, onLine });
        making.set(hash, running);
        await running.finally(() => making.delete(hash));
        log(`environment ${hash} is ready`);
      }
      const bin = join(dir, 'bin');
      return {
        python: join(bin, 'python'),
        env: { VIRTUAL_ENV: dir, PATH: [bin, process.env['PATH'] ?? '/usr/bin:/bin'].join(delimiter) },
      };
    },
  };
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

function pythonNote(spec: PythonSpec, version: string): string[] {
  const wanted = spec.python?.replace(/^[<>=!~]+/, '');
  if (wanted === undefined || `${version}.`.startsWith(`${wanted}.`)) return [];
  return [
    `The conda file asks for Python ${spec.python ?? ''}; the emulator uses the local Python ${version}.`,
  ];
}

interface Installer {
  /** Interpreter that environments are made from. */
  readonly python: string;
  readonly version: string;
  /** `uv`, many times faster than pip; undefined when there is none. */
  readonly uv: string | undefined;
}

async function findInstaller(): Promise<Installer> {
  const python = 'python3';
  const version = (await output(python, ['-c', 'import platform; print(platform.python_version())']))?.trim();
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (
    version === undefined ||
    major < LEAST_PYTHON[0] ||
    (major === LEAST_PYTHON[0] && minor < LEAST_PYTHON[1])
  )
    throw userError(
      `Python ${LEAST_PYTHON.join('.')} or newer is needed as 'python3' on PATH; found ${version ?? 'none'}.`,
    );
  for (const uv of [process.env['AZUREML_EMULATOR_UV'], 'uv']) {
    if (uv !== undefined && uv !== '' && (await output(uv, ['--version'])) !== undefined)
      return { python, version, uv };
  }
  return { python, version, uv: undefined };
}

/** Standard output of a program; undefined when it failed or does not exist. */
async function output(command: string, args: readonly string[]): Promise<string | undefined> {
  const lines: string[] = [];
  const code = await spawnGuarded(command, args, {
    env: process.env,
    onLine: (line, stream) => {
      if (stream === 'stdout') lines.push(line);
    },
  }).exited;
  return code === 0 ? lines.join('\n') : undefined;
}

interface Plan {
  readonly dir: string;
  readonly requirements: readonly string[];
  readonly spec: PythonSpec;
  readonly python: string;
  readonly uv: string | undefined;
  readonly onLine: OnLine;
}

async function makeOnce(plan: Plan): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  await withLock(`${plan.dir}.lock`, async () => {
    if (await exists(join(plan.dir, MARKER))) return;
    await rm(plan.dir, { recursive: true, force: true });
    try {
      await make(plan);
    } catch (error) {
      await rm(plan.dir, { recursive: true, force: true });
      throw error;
    }
    await writeFile(join(plan.dir, MARKER), JSON.stringify(plan.requirements));
  });
}

async function make({ dir, requirements, spec, python, uv, onLine }: Plan): Promise<void> {
  const interpreter = join(dir, 'bin', 'python');
  const options = spec.options.flatMap((option) => option.split(/\s+/));
  const install = [...options, ...requirements];
  onLine(`Making a Python environment: ${requirements.join(' ')}`);
  if (uv === undefined) {
    await must(python, ['-m', 'venv', dir], spec, onLine);
    if (requirements.length > 0)
      await must(
        interpreter,
        ['-m', 'pip', 'install', '--disable-pip-version-check', ...install],
        spec,
        onLine,
      );
    return;
  }
  const resolved = await output(python, ['-c', 'import sys; print(sys.executable)']);
  await must(uv, ['venv', '--python', resolved ?? python, dir], spec, onLine);
  if (requirements.length > 0)
    await must(uv, ['pip', 'install', '--python', interpreter, ...install], spec, onLine);
}

async function must(
  command: string,
  args: readonly string[],
  spec: PythonSpec,
  onLine: OnLine,
): Promise<void> {
  const tail: string[] = [];
  const env = { ...process.env, UV_NO_PROGRESS: '1', VIRTUAL_ENV: '' };
  const running = spawnGuarded(command, args, {
    env,
    onLine: (line) => {
      tail.push(line);
      onLine(line);
    },
  });
  if ((await running.exited) === 0) return;
  const text = tail
    .slice(-TAIL)
    .map((line) => line.slice(0, LONGEST_LINE))
    .join('\n');
  throw userError(`The Python environment could not be made.${condaHint(text, spec)}\n${text}`);
}

function condaHint(text: string, spec: PythonSpec): string {
  const missing = Object.entries(spec.conda).filter(([pypi]) =>
    new RegExp(`(Because(?: only)?|for|distribution) \\W*${pypi.replaceAll('.', '\\.')}\\b[^\\n]*`, 'i').test(
      text,
    ),
  );
  const unknown =
    /not found in the package registry|No matching distribution|no versions of|(is|are) available and/i.test(
      text,
    );
  if (!unknown || missing.length === 0) return '';
  const names = missing.map(([, name]) => `'${name}'`).join(', ');
  return ` The conda package ${names} has no counterpart of that name and version on PyPI, which is all the emulator installs from.`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A lock file holds its owner's process id; one whose owner is gone is taken over. */
async function withLock(path: string, work: () => Promise<void>): Promise<void> {
  while (!(await tryLock(path))) await sleep(LOCK_POLL_MS);
  try {
    await work();
  } finally {
    await unlink(path);
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const owner = Number(await readFile(path, 'utf8').catch(() => '0'));
  if (owner > 0 && !isAlive(owner)) await unlink(path).catch(() => undefined);
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
