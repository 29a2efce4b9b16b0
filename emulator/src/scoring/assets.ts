import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { registryAsset } from '../arm/registry-assets.js';
import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import { keyOf, nameOf, parentId, workspaceIdOf } from '../ids.js';
import { getResource } from '../resources.js';
import type { StoredResource } from '../resources.js';
import { latestVersion } from '../runner/assets.js';
import { download, resolveUri } from '../runner/uris.js';

/** A deployment's model on disk. */
export interface LocalModel {
  readonly name: string;
  readonly version: string;
  /** What AZUREML_MODEL_DIR is: the model's file or folder lies in it under its own name. */
  readonly dir: string;
  /** The folder with the MLmodel file, when the model is an MLflow model. */
  readonly mlflow: MlflowModel | undefined;
}

export interface MlflowModel {
  readonly dir: string;
  /** Text of a conda.yaml with the model's requirements. */
  readonly conda: string;
  /** Names of the signature's inputs, in order; undefined when it has none. */
  readonly inputs: readonly string[] | undefined;
}

/** The stored version that a reference names (`ARM id`, `azureml:NAME:VERSION`, `azureml:NAME@latest`, one of a registry). */
function findModel(ctx: EmulatorContext, workspaceId: string, reference: string): StoredResource {
  const shared = registryAsset(ctx, reference);
  if (shared !== undefined) return shared;
  const text = reference.replace(/^azureml:(?!\/\/)/, '');
  const [, name, version] = /^([^/:@]+)(?::([^/:]+)|@latest)$/.exec(text) ?? [];
  const id = name === undefined ? text.replace(/\/labels\/latest$/i, '') : `${workspaceId}/models/${name}`;
  const exact = getResource(ctx.store, version === undefined ? id : `${id}/versions/${version}`);
  // A container of versions is no version itself: it stands for its newest one.
  const found = version === undefined ? (latestVersion(ctx, id) ?? exact) : exact;
  if (found) return found;
  throw new AzureError(
    404,
    'ResourceNotFound',
    `The model '${reference}' was not found in ${workspaceId}. Register it first; allowed are azureml:NAME:VERSION, an ARM id and azureml://registries/REGISTRY/models/NAME/versions/VERSION.`,
  );
}

/** Downloads the model that a deployment names below `root`. */
export async function fetchModel(
  ctx: EmulatorContext,
  deploymentId: string,
  reference: string,
  root: string,
): Promise<LocalModel> {
  const workspaceId = workspaceIdOf(deploymentId) ?? '';
  const resource = findModel(ctx, workspaceId, reference);
  const home = workspaceIdOf(keyOf(resource.id));
  const location = resolveUri(ctx, home ?? workspaceId, home === undefined ? reference : resource.id);
  const name = nameOf(parentId(resource.id));
  const dir = join(root, 'azureml-models', name, resource.name);
  const local = await download(ctx, location, join(dir, basename(location.prefix)));
  const declared = resource.properties['modelType'];
  const mlflow = declared === 'mlflow_model' ? await readMlflow(local) : undefined;
  // One blob is copied into the folder given: Azure has it directly in AZUREML_MODEL_DIR.
  const isFile = local !== join(dir, basename(location.prefix));
  return { name, version: resource.name, dir: isFile ? dirname(local) : dir, mlflow };
}

const signature = z.object({ signature: z.object({ inputs: z.string() }).nullish() });
const columns = z.array(z.object({ name: z.string() }));

async function readMlflow(root: string): Promise<MlflowModel> {
  const files = await readdir(root, { recursive: true });
  const file = files.filter((path) => basename(path) === 'MLmodel').sort((a, b) => a.length - b.length)[0];
  if (file === undefined)
    throw new AzureError(
      400,
      'BadArgument',
      `The model is registered as mlflow_model but has no MLmodel file. Found: ${files.slice(0, 20).join(', ')}.`,
    );
  const dir = dirname(join(root, file));
  return { dir, conda: await readConda(dir), inputs: await readInputs(join(dir, 'MLmodel')) };
}

async function readInputs(file: string): Promise<string[] | undefined> {
  const found = signature.safeParse(parse(await readFile(file, 'utf8')));
  const inputs = found.success ? found.data.signature?.inputs : undefined;
  const named = columns.safeParse(inputs === undefined ? undefined : JSON.parse(inputs));
  return named.success ? named.data.map(({ name }) => name) : undefined;
}

async function readConda(dir: string): Promise<string> {
  const files = await readdir(dir);
  if (files.includes('conda.yaml')) return readFile(join(dir, 'conda.yaml'), 'utf8');
  if (!files.includes('requirements.txt'))
    throw new AzureError(
      400,
      'BadArgument',
      'The MLflow model has neither conda.yaml nor requirements.txt, so that its environment is unknown. Log it again with mlflow, or give the deployment an environment.',
    );
  const lines = (await readFile(join(dir, 'requirements.txt'), 'utf8'))
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim());
  return JSON.stringify({ dependencies: ['pip', { pip: lines.filter((line) => line !== '') }] });
}

/** Downloads the code version of a deployment below `root` and returns its folder. */
export async function fetchCode(
  ctx: EmulatorContext,
  deploymentId: string,
  codeId: string,
  root: string,
): Promise<string> {
  const location = resolveUri(ctx, workspaceIdOf(deploymentId) ?? '', codeId.replace(/^azureml:(?=\/)/, ''));
  const dir = join(root, basename(location.prefix));
  const local = await download(ctx, location, dir);
  return local === dir ? dir : dirname(local);
}
