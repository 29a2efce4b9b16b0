import type { Mistake } from '../domain/mistake.js';
import { type Environment, type FileRef, kindOfEndpoint } from '../domain/project.js';
import { identifyFile } from './identify.js';
import { endpointRoles } from './preparing.js';
import { resolveInside, shown } from './source-files.js';
import type { SourceFiles } from './source-files.js';
import { validateFile } from './validate.js';

/** Every mistake of the files that an environment serves by, without asking Azure. */
export async function validateServing(files: SourceFiles, environment: Environment): Promise<Mistake[]> {
  const mixed = await mixedKinds(files, environment);
  if (mixed.length > 0) return mixed;
  const roles = endpointRoles[kindOfEndpoint(environment)];
  const found = await Promise.all([
    validateFile(files, environment.endpoint, roles.endpoint),
    validateFile(files, environment.deployment, roles.deployment),
  ]);
  return found.flat();
}

/**
 * Files of one kind of endpoint where `mlops.yaml` speaks of the other, which would only be refused key by key, and
 * what cannot be given a model. Files that cannot be told apart are left to their own checks.
 */
export async function mixedKinds(files: SourceFiles, environment: Environment): Promise<Mistake[]> {
  const { name, endpoint, deployment } = environment;
  const wanted = kindOfEndpoint(environment);
  const found = await Promise.all(
    [endpoint, deployment].map(async (ref): Promise<Mistake[]> => {
      const problem = problemOf(await kindIn(files, ref), wanted);
      if (problem === undefined) return [];
      const file = shown(files, await resolveInside(files, files.dir, ref.file));
      return [{ file, path: '', ...problem, found: `environments.${name}`, severity: 'error' }];
    }),
  );
  return found.flat();
}

/** A file that cannot be read is a mistake of its own, told elsewhere. */
async function kindIn(files: SourceFiles, { file }: FileRef): Promise<string> {
  try {
    return identifyFile(await resolveInside(files, files.dir, file))?.kind ?? '';
  } catch {
    return '';
  }
}

function problemOf(kind: string, wanted: 'online' | 'batch'): Pick<Mistake, 'message' | 'fix'> | undefined {
  const [, sort, what] = /(batch|online)(endpoint|deployment)$/i.exec(kind) ?? [];
  const is = sort?.toLowerCase();
  if (what === undefined) return undefined;
  if (kind === 'pipelineComponentBatchDeployment')
    return {
      message:
        'is a batch deployment of a pipeline component, which takes no model: there is nothing to release',
      fix: 'name a batch deployment of a model (type: model); a pipeline component is deployed by `setup`',
    };
  if (is === wanted) return undefined;
  if (is === 'batch')
    return {
      message: `is a batch ${what.toLowerCase()}, and the environment that names it says nothing of what to score first`,
      fix: 'add `test: { input: azureml:<data>@latest }` to the environment, or name the file of an online endpoint',
    };
  return {
    message: `is an online ${what.toLowerCase()}, and the environment that names it is tested by \`test.input\``,
    fix: `name a batch ${what.toLowerCase()}, or test by \`test.requests\``,
  };
}
