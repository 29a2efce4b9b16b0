import { registryAsset } from '../arm/registry-assets.js';
import { ACCOUNT } from '../blob/azurite-process.js';
import type { EmulatorContext } from '../context.js';
import { userError } from '../errors.js';
import { workspaceIdOf } from '../ids.js';
import { getResource } from '../resources.js';
import { latestVersion } from './assets.js';
import type { StoredResource } from '../resources.js';

export { download, readText, upload } from './transfer.js';

/** A blob, or everything below a folder: `prefix` has neither a leading nor a trailing slash. */
export interface BlobLocation {
  readonly container: string;
  readonly prefix: string;
}

export const DEFAULT_DATASTORE = 'workspaceblobstore';
export const ARTIFACT_DATASTORE = 'workspaceartifactstore';

/** Blob folder of a run's artifacts and logs in the artifact store, as Azure ML lays it out. */
export function artifactPrefix(jobName: string): string {
  return `ExperimentRun/dcid.${jobName}`;
}

/** Where a run's artifacts lie. */
export function artifactLocation(ctx: EmulatorContext, workspaceId: string, jobName: string): BlobLocation {
  return at(containerOf(ctx, workspaceId, ARTIFACT_DATASTORE), artifactPrefix(jobName));
}

/** Container of a blob datastore; throws `UserError` when the workspace has no such datastore. */
export function containerOf(ctx: EmulatorContext, workspaceId: string, datastore: string): string {
  const found = getResource(ctx.store, `${workspaceId}/datastores/${datastore}`);
  const container = found?.properties['containerName'] ?? found?.properties['filesystem'];
  if (typeof container === 'string') return container;
  const why = found === undefined ? 'was not found' : 'has no container that the emulator could read';
  throw userError(`Datastore '${datastore}' ${why} in ${workspaceId}.`, found === undefined ? 404 : 400);
}

/**
 * Finds the blobs that a URI of Azure ML names: `azureml://datastores|jobs/…` (short, or long with the workspace),
 * ARM ids and `azureml:` names of data, models and code, `runs:/`, `http(s)`, `wasb(s)` and `abfs(s)` URLs.
 * `workspaceId` is the workspace that short forms belong to. Throws `UserError` for anything else and for missing assets.
 */
export function resolveUri(ctx: EmulatorContext, workspaceId: string, uri: string): BlobLocation {
  const text = uri.trim();
  if (/^https?:/i.test(text)) return fromHttp(text);
  if (/^(wasbs?|abfss?):/i.test(text)) return fromHadoop(text);
  if (text.startsWith('runs:/')) return fromRun(ctx, workspaceId, text.slice('runs:/'.length));
  if (text.startsWith('azureml://')) return fromAzureml(ctx, workspaceId, text);
  if (text.startsWith('azureml:')) return resolveUri(ctx, workspaceId, assetUri(ctx, workspaceId, text));
  if (text.startsWith('/subscriptions/')) return fromArmId(ctx, text);
  throw userError(
    `Cannot read the URI '${uri}'. Allowed: azureml://…, azureml:name:version, an ARM id of data, a model or code, runs:/…, or the URL of a blob.`,
  );
}

function at(container: string, path: string): BlobLocation {
  return { container, prefix: path.replace(/^\/+|\/+$/g, '') };
}

/** Azurite and Azure differ in where the account stands: path or host. Every account is Azurite's one account, which registries leave out. */
function fromHttp(text: string): BlobLocation {
  const url = new URL(text);
  const parts = decodeURIComponent(url.pathname)
    .split('/')
    .filter((part) => part !== '');
  if (parts[0] === ACCOUNT) parts.shift();
  const [container, ...rest] = parts;
  if (container === undefined) throw userError(`The URL '${withoutQuery(text)}' names no container.`);
  return at(container, rest.join('/'));
}

function withoutQuery(text: string): string {
  return text.split('?')[0] ?? text;
}

function fromHadoop(text: string): BlobLocation {
  const match = /^\w+:\/\/([^@/]+)@[^/]+\/?(.*)$/.exec(text);
  if (match?.[1] === undefined)
    throw userError(`Cannot read '${text}'. Expected scheme://container@account/path.`);
  return at(match[1], match[2] ?? '');
}

function fromRun(ctx: EmulatorContext, workspaceId: string, rest: string): BlobLocation {
  const [job = '', ...path] = rest.replace(/^\/+/, '').split('/');
  return at(containerOf(ctx, workspaceId, ARTIFACT_DATASTORE), [artifactPrefix(job), ...path].join('/'));
}

const LONG_FORM =
  /^azureml:\/\/(subscriptions\/[^/]+\/resourcegroups\/[^/]+)(?:\/providers\/Microsoft\.MachineLearningServices)?(\/workspaces\/[^/]+)\/(.*)$/i;

function fromAzureml(ctx: EmulatorContext, workspaceId: string, text: string): BlobLocation {
  const long = LONG_FORM.exec(text);
  if (long?.[1] !== undefined && long[2] !== undefined) {
    const named = `/${long[1]}/providers/Microsoft.MachineLearningServices${long[2]}`;
    return fromAzureml(ctx, named, `azureml://${long[3] ?? ''}`);
  }
  const [kind = '', name = '', ...rest] = text.slice('azureml://'.length).split('/');
  if (kind === 'datastores') return inDatastore(ctx, workspaceId, name, rest);
  if (kind === 'jobs') return inJob(ctx, workspaceId, name, rest);
  if (kind === 'registries') return inRegistry(ctx, text);
  if (['data', 'models', 'codes'].includes(kind))
    return fromArmId(ctx, `${workspaceId}/${[kind, name, ...rest].join('/')}`);
  throw userError(`Cannot read '${text}': the emulator knows azureml://datastores/… and azureml://jobs/….`);
}

/** `outputs.default` is written without the `paths` segment by Azure. */
function inDatastore(ctx: EmulatorContext, workspaceId: string, name: string, rest: string[]): BlobLocation {
  const datastore = name === '${{default_datastore}}' ? DEFAULT_DATASTORE : name;
  const path = rest[0] === 'paths' ? rest.slice(1) : rest;
  return at(containerOf(ctx, workspaceId, datastore), path.join('/'));
}

function inJob(ctx: EmulatorContext, workspaceId: string, job: string, rest: string[]): BlobLocation {
  const [outputs, output, ...tail] = rest;
  if (outputs !== 'outputs' || output === undefined)
    throw userError(
      `Cannot read 'azureml://jobs/${job}/${rest.join('/')}'. Expected azureml://jobs/JOB/outputs/NAME/paths/PATH.`,
    );
  const path = (tail[0] === 'paths' ? tail.slice(1) : tail).join('/');
  if (output === 'artifacts' || output === 'default') return fromRun(ctx, workspaceId, `${job}/${path}`);
  const uri = outputUri(getResource(ctx.store, `${workspaceId}/jobs/${job}`), output);
  if (uri === undefined) throw userError(`Job '${job}' has no output '${output}'.`, 404);
  const base = resolveUri(ctx, workspaceId, uri);
  return at(base.container, `${base.prefix}/${path}`);
}

function outputUri(job: StoredResource | undefined, output: string): string | undefined {
  const outputs = job?.properties['outputs'] as Record<string, { uri?: string }> | undefined;
  return outputs?.[output]?.uri;
}

function inRegistry(ctx: EmulatorContext, text: string): BlobLocation {
  const asset = registryAsset(ctx, text);
  const uri = Object.values(URI_OF)
    .map((field) => asset?.properties[field])
    .find((value) => typeof value === 'string');
  if (asset === undefined || typeof uri !== 'string')
    throw userError(`The registry's asset '${text}' was not found.`, 404);
  return resolveUri(ctx, asset.id, uri);
}

const URI_OF: Record<string, string> = { data: 'dataUri', models: 'modelUri', codes: 'codeUri' };

function fromArmId(ctx: EmulatorContext, id: string): BlobLocation {
  const workspaceId = workspaceIdOf(id);
  const [kind = '', name = '', , label = ''] =
    workspaceId === undefined ? [] : id.slice(workspaceId.length + 1).split('/');
  const field = URI_OF[kind.toLowerCase()];
  if (workspaceId === undefined || field === undefined)
    throw userError(`'${id}' is no ARM id of data, a model or code.`);
  const collection = `${workspaceId}/${kind}/${name}`;
  const version = label === 'latest' ? latestOf(ctx, collection) : label;
  const uri = getResource(ctx.store, `${collection}/versions/${version}`)?.properties[field];
  if (typeof uri !== 'string') throw userError(`Asset ${collection}/versions/${version} was not found.`, 404);
  return resolveUri(ctx, workspaceId, uri);
}

function latestOf(ctx: EmulatorContext, collection: string): string {
  const latest = latestVersion(ctx, collection);
  if (latest === undefined) throw userError(`${collection} has no version yet.`, 404);
  return latest.name;
}

/** `azureml:name:version`, `azureml:name@latest`, `azureml:/subscriptions/…`: the ARM id of a data asset, else of a model. */
function assetUri(ctx: EmulatorContext, workspaceId: string, text: string): string {
  const rest = text.slice('azureml:'.length);
  if (rest.startsWith('/subscriptions/')) return rest;
  const match = /^([^:@]+)(?::(.+)|@(latest))$/.exec(rest);
  if (match?.[1] === undefined)
    throw userError(`Cannot read '${text}'. Expected azureml:NAME:VERSION or azureml:NAME@latest.`);
  for (const kind of ['data', 'models']) {
    const collection = `${workspaceId}/${kind}/${match[1]}`;
    const version = match[2] ?? latestVersion(ctx, collection)?.name ?? '';
    const id = `${collection}/versions/${version}`;
    if (getResource(ctx.store, id) !== undefined) return id;
  }
  throw userError(`No data asset and no model '${rest}' was found in ${workspaceId}.`, 404);
}
