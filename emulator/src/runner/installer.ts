import { join } from 'node:path';
import { userError } from '../errors.js';
import { spawnGuarded } from '../process.js';
import type { PythonSpec } from './conda.js';

/** How much of an installer's output an error carries: pip lists hundreds of versions in a line. */
const TAIL = 15;
const LONGEST_LINE = 500;
const LEAST_PYTHON = [3, 10] as const;
const COMPILE_LIMIT_S = '600';

export type OnLine = (line: string) => void;

/** The programs that environments are made with. */
export interface Installer {
  /** Absolute path of the interpreter that environments are made from. */
  readonly python: string;
  /** Its version, e.g. `3.11.7`. */
  readonly version: string;
  /** `uv`, many times faster than pip; undefined when there is none. */
  readonly uv: string | undefined;
}

/** Finds `python3` on PATH and, by AZUREML_EMULATOR_UV or on PATH, `uv`. Throws `UserError` when Python is missing or older than 3.10. */
export async function findInstaller(): Promise<Installer> {
  const script = 'import platform, sys; print(platform.python_version()); print(sys.executable)';
  const [found, uv] = await Promise.all([output('python3', ['-c', script]), findUv()]);
  const [version, python] = (found ?? '').split('\n');
  if (version === undefined || python === undefined || !isNewEnough(version))
    throw userError(
      `Python ${LEAST_PYTHON.join('.')} or newer is needed as 'python3' on PATH; found ${version === '' ? 'none' : (version ?? 'none')}.`,
    );
  return { python, version, uv };
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LEAST_PYTHON[0] || (major === LEAST_PYTHON[0] && minor >= LEAST_PYTHON[1]);
}

async function findUv(): Promise<string | undefined> {
  for (const uv of [process.env['AZUREML_EMULATOR_UV'], 'uv']) {
    if (uv !== undefined && uv !== '' && (await output(uv, ['--version'])) !== undefined) return uv;
  }
  return undefined;
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

/**
 * Makes a virtual environment in `dir` and installs `requirements`, with bytecode: a script's first start would
 * otherwise compile thousands of modules. Throws `UserError` with the installer's last lines.
 */
export async function makeVenv(
  { python, uv, version }: Installer,
  dir: string,
  requirements: readonly string[],
  spec: PythonSpec,
  onLine: OnLine,
): Promise<void> {
  const interpreter = join(dir, 'bin', 'python');
  const packages = [...spec.options.flatMap((option) => option.split(/\s+/)), ...requirements];
  onLine(`Making a Python environment: ${requirements.join(' ')}`);
  const create = uv === undefined ? [python, '-m', 'venv', dir] : [uv, 'venv', '--python', python, dir];
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check'];
  const install =
    uv === undefined
      ? [interpreter, ...pip, ...packages]
      : [uv, 'pip', 'install', '--compile-bytecode', '--python', interpreter, ...packages];
  await must(create, spec, version, onLine);
  if (requirements.length > 0) await must(install, spec, version, onLine);
}

async function must(
  [command = '', ...args]: readonly string[],
  spec: PythonSpec,
  version: string,
  onLine: OnLine,
): Promise<void> {
  const tail: string[] = [];
  const running = spawnGuarded(command, args, {
    env: {
      ...process.env,
      UV_NO_PROGRESS: '1',
      UV_COMPILE_BYTECODE_TIMEOUT: COMPILE_LIMIT_S,
      VIRTUAL_ENV: '',
    },
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
  const hints = [...pythonNotes(spec, version), ...condaHints(text, spec)].map((hint) => ` ${hint}`).join('');
  throw userError(`The Python environment could not be made.${hints}\n${text}`);
}

/** Where the specification wants another Python than there is: packages of its time may not install. */
export function pythonNotes(spec: PythonSpec, version: string): string[] {
  const wanted = spec.python?.replace(/^[<>=!~]+/, '');
  if (wanted === undefined || `${version}.`.startsWith(`${wanted}.`)) return [];
  return [
    `The conda file asks for Python ${spec.python ?? ''}; the emulator uses the local Python ${version}.`,
  ];
}

function condaHints(text: string, spec: PythonSpec): string[] {
  const missing = Object.entries(spec.conda).filter(([pypi]) =>
    new RegExp(`(Because(?: only)?|for|distribution) \\W*${pypi.replaceAll('.', '\\.')}\\b[^\\n]*`, 'i').test(
      text,
    ),
  );
  const unknown =
    /not found in the package registry|No matching distribution|no versions of|(is|are) available and/i.test(
      text,
    );
  if (!unknown || missing.length === 0) return [];
  const names = missing.map(([, name]) => `'${name}'`).join(', ');
  return [
    `The conda package ${names} has no counterpart of that name and version on PyPI, which is all the emulator installs from.`,
  ];
}
