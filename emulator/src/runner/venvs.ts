import { createHash } from 'node:crypto';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { PythonSpec } from './conda.js';
import type { PythonEnvironment } from './environments.js';
import { withFileLock } from './file-lock.js';
import { findInstaller, makeVenv, pythonNotes } from './installer.js';
import type { Installer, OnLine } from './installer.js';

const MARKER = '.complete';
/** Raised when environments are made in another way, so that those made before are not used. */
const LAYOUT = 2;

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

  function installerOnce(): Promise<Installer> {
    installer ??= findInstaller().catch((error: unknown) => {
      // Python may be installed while the emulator runs.
      installer = undefined;
      throw error;
    });
    return installer;
  }

  return {
    async ensure(spec, extraPackages, onLine) {
      const programs = await installerOnce();
      const { version } = programs;
      for (const note of [...spec.notes, ...pythonNotes(spec, version)]) onLine(note);
      const requirements = mergeRequirements(spec.requirements, extraPackages);
      const hash = hashOf({ layout: LAYOUT, requirements, options: spec.options, version });
      const dir = join(cacheFolder(), hash);
      if (!(await exists(join(dir, MARKER)))) {
        const running = making.get(hash) ?? makeOnce(programs, dir, requirements, spec, onLine);
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

/** Sorted, each once; an extra package is left out where the specification names it itself, with its own version. */
export function mergeRequirements(requirements: readonly string[], extra: readonly string[]): string[] {
  const named = new Set(requirements.map(projectName));
  const missing = extra.filter((requirement) => !named.has(projectName(requirement)));
  return [...new Set([...requirements, ...missing])].sort();
}

/** The normalized name of a requirement, by the packaging specification: `Foo_Bar>=1` is `foo-bar`. */
export function projectName(requirement: string): string {
  const [name = requirement] = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(requirement.trim()) ?? [];
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

async function makeOnce(
  programs: Installer,
  dir: string,
  requirements: readonly string[],
  spec: PythonSpec,
  onLine: OnLine,
): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  await withFileLock(`${dir}.lock`, async () => {
    if (await exists(join(dir, MARKER))) return;
    await rm(dir, { recursive: true, force: true });
    try {
      await makeVenv(programs, dir, requirements, spec, onLine);
    } catch (error) {
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
    await writeFile(join(dir, MARKER), JSON.stringify(requirements));
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
