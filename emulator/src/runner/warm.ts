import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { parse } from 'yaml';
import { userError } from '../errors.js';
import { readCondaSpec } from './conda.js';
import type { PythonSpec } from './conda.js';
import { NO_CODE_PACKAGES } from './environments.js';
import { plain, requirementsOf } from './environment-specs.js';
import type { OnLine } from './installer.js';
import { createVenvCache, projectName } from './venvs.js';

/** Each installer uses all cores by itself; a second one fills the gaps while the first downloads. */
const PARALLEL = 2;

export interface WarmOptions {
  /**
   * Names of the packages that a model is logged with. Where given, the environment of its no-code deployment is made
   * too: these packages in the versions of each file, and the inference server.
   */
  readonly serving?: readonly string[];
  readonly onLine: OnLine;
}

interface Wanted {
  readonly label: string;
  readonly spec: PythonSpec;
  readonly extra: readonly string[];
}

/**
 * Makes the cached environments of conda files, environment, job or deployment YAML files of the CLI v2, and
 * requirements.txt files before anything needs them. All files are read first; throws `UserError` with all that
 * cannot be, and after the rest was made with all environments that could not be.
 */
export async function warmEnvironments(
  files: readonly string[],
  { serving, onLine }: WarmOptions,
): Promise<void> {
  const wanted = valuesOf(await Promise.allSettled(files.map((file) => wantedBy(file, serving)))).flat();
  const venvs = createVenvCache(() => undefined);
  const queue = [...wanted];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { label, spec, extra } = next;
      const { env } = await venvs.ensure(spec, extra, (line) => {
        onLine(`${label}: ${line}`);
      });
      onLine(`${label}: ready in ${env['VIRTUAL_ENV'] ?? ''}`);
    }
  };
  valuesOf(await Promise.allSettled(Array.from({ length: PARALLEL }, work)));
}

function valuesOf<T>(results: readonly PromiseSettledResult<T>[]): T[] {
  const problems = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (problems.length > 0)
    throw userError(
      problems.map((error) => (error instanceof Error ? error.message : String(error))).join('\n'),
    );
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

async function wantedBy(file: string, serving: readonly string[] | undefined): Promise<Wanted[]> {
  const spec = await specOfFile(file);
  const trained = { label: file, spec, extra: [] };
  if (serving === undefined) return [trained];
  const names = new Map(spec.requirements.map((requirement) => [projectName(requirement), requirement]));
  const missing = serving.filter((name) => !names.has(projectName(name)));
  if (missing.length > 0)
    throw userError(
      `${file} does not name ${missing.join(', ')}. It names ${[...names.keys()].sort().join(', ')}.`,
    );
  const requirements = serving.map((name) => names.get(projectName(name)) ?? name);
  return [trained, { label: `${file} (serving)`, spec: { ...spec, requirements }, extra: NO_CODE_PACKAGES }];
}

async function specOfFile(file: string): Promise<PythonSpec> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw userError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (extname(file) === '.txt') return plain(requirementsOf(text));
  const content = (parse(text) ?? {}) as {
    dependencies?: unknown;
    conda_file?: unknown;
    environment?: { conda_file?: unknown } | string;
  };
  if (content.dependencies !== undefined) return readCondaSpec(text);
  const { environment } = content;
  if (typeof environment === 'string')
    throw userError(`${file} uses ${environment}: give the YAML file of that environment instead.`);
  const conda = content.conda_file ?? environment?.conda_file;
  if (typeof conda === 'string') return specOfFile(resolve(dirname(file), conda));
  if (typeof conda === 'object' && conda !== null) return readCondaSpec(JSON.stringify(conda));
  throw userError(
    `${file} describes no environment: expected a conda file with \`dependencies\`, a YAML file with \`conda_file\` or \`environment.conda_file\`, or a requirements.txt.`,
  );
}
