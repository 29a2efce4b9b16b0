import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registryAsset } from '../arm/registry-assets.js';
import type { EmulatorContext } from '../context.js';
import { userError } from '../errors.js';
import { keyOf, nameOf, parentId, workspaceIdOf } from '../ids.js';
import { getResource } from '../resources.js';
import type { StoredResource } from '../resources.js';
import { latestVersion } from './assets.js';
import { readCondaSpec } from './conda.js';
import type { PythonSpec } from './conda.js';
import { download, resolveUri } from './uris.js';

const LOGGING = ['mlflow-skinny>=3', 'pandas'];

/** What of Microsoft's curated images Python scripts use, by a word of the environment's or image's name. */
const CURATED: readonly (readonly [pattern: RegExp, requirements: readonly string[]])[] = [
  [/sklearn|scikit/i, [...LOGGING, 'scikit-learn', 'skops', 'matplotlib', 'joblib']],
  [/lightgbm/i, [...LOGGING, 'scikit-learn', 'lightgbm']],
  [/xgboost/i, [...LOGGING, 'scikit-learn', 'xgboost']],
  [/acpt|pytorch/i, [...LOGGING, 'torch']],
  [/tensorflow/i, [...LOGGING, 'tensorflow']],
  [/inference/i, ['azureml-inference-server-http']],
  [/openmpi|ubuntu|minimal|mlflow/i, LOGGING],
];

/**
 * The Python packages of an environment: an ARM id of a version (or label `latest`), `azureml:NAME:VERSION`, one of a registry, or a
 * curated environment's id. Throws `UserError` when it is unknown or can only be had by building an image.
 */
export async function specOfEnvironment(
  ctx: EmulatorContext,
  environmentId: string | undefined,
  onLine: (line: string) => void,
): Promise<PythonSpec> {
  if (environmentId === undefined || environmentId === '')
    return { ...plain(LOGGING), notes: ['No environment is given: using mlflow-skinny and pandas.'] };
  const stored = findVersion(ctx, environmentId);
  if (stored !== undefined) return specOfVersion(ctx, stored, onLine);
  if (workspaceIdOf(environmentId) !== undefined && !/\/environments\/AzureML-/i.test(environmentId))
    throw userError(`Environment ${environmentId} was not found.`, 404);
  return curated(environmentId);
}

function findVersion(ctx: EmulatorContext, id: string): StoredResource | undefined {
  if (/^azureml:\/\/registries\//i.test(id)) return registryAsset(ctx, id);
  const asArm = id.replace(/^azureml:(?=\/subscriptions\/)/, '');
  const isLabel = /\/labels\/latest$/i.test(asArm) || /\/versions\/latest$/i.test(asArm);
  if (!isLabel) return getResource(ctx.store, keyOf(asArm));
  return latestVersion(ctx, parentId(asArm));
}

async function specOfVersion(
  ctx: EmulatorContext,
  version: StoredResource,
  onLine: (line: string) => void,
): Promise<PythonSpec> {
  const { condaFile, image, build } = version.properties as {
    condaFile?: string | null;
    image?: string | null;
    build?: { contextUri?: string } | null;
  };
  if (typeof condaFile === 'string' && condaFile !== '') {
    const spec = readCondaSpec(condaFile);
    if (typeof image !== 'string') return spec;
    return {
      ...spec,
      notes: [...spec.notes, `The image ${image} is not run: the job gets its conda packages only.`],
    };
  }
  if (typeof build?.contextUri === 'string') return specOfContext(ctx, version, build.contextUri, onLine);
  return curated(typeof image === 'string' ? image : nameOf(parentId(version.id)));
}

/** A build context is no image here, but its requirements.txt or conda file says which packages the image has. */
async function specOfContext(
  ctx: EmulatorContext,
  version: StoredResource,
  contextUri: string,
  onLine: (line: string) => void,
): Promise<PythonSpec> {
  const dir = await mkdtemp(join(tmpdir(), 'azureml-context-'));
  try {
    await download(ctx, resolveUri(ctx, workspaceIdOf(version.id) ?? '', contextUri), dir);
    const files = await readdir(dir, { recursive: true });
    const conda = files.find((file) => /(^|\/)(conda|environment)[^/]*\.ya?ml$/.test(file));
    const pip = files.find((file) => /(^|\/)requirements[^/]*\.txt$/.test(file));
    const found = conda ?? pip;
    if (found === undefined)
      throw userError(
        `Environment ${version.id} is built from a Dockerfile, which the emulator does not run, and its context has neither a conda file nor a requirements.txt.`,
      );
    onLine(`The Dockerfile is not run: installing the packages of ${found}.`);
    const text = await readFile(join(dir, found), 'utf8');
    return found === conda ? readCondaSpec(text) : plain(requirementsOf(text));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The lines of a requirements.txt that name packages. */
export function requirementsOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/(^|\s)#.*$/, '').trim());
  return lines.filter((line) => line !== '' && !line.startsWith('-'));
}

function curated(name: string): PythonSpec {
  const known = CURATED.find(([pattern]) => pattern.test(name));
  if (known === undefined) {
    throw userError(
      `The emulator runs no images and does not know which Python packages '${name}' has. ` +
        'Give the environment a conda_file, or use a curated environment for scikit-learn, LightGBM, XGBoost, PyTorch or TensorFlow.',
    );
  }
  return {
    ...plain(known[1]),
    notes: [`The image of ${name} is not run: installing ${known[1].join(', ')}.`],
  };
}

/** A specification of pip requirements and nothing else. */
export function plain(requirements: readonly string[]): PythonSpec {
  return { requirements, options: [], notes: [], conda: {} };
}
