import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { EmulatorContext } from '../context.js';
import { AzureError, userError } from '../errors.js';
import { registerVersion } from './assets.js';
import { changeJob } from './job.js';
import type { Job, JobInput, JobOutput } from './job.js';
import { fetchPaths } from './mltable.js';
import { DEFAULT_DATASTORE, download, resolveUri, upload } from './uris.js';

const MODELS = /_model$/;

function isDirect(mode: string | null | undefined): boolean {
  return mode?.toLowerCase() === 'direct';
}

/** Fetches the job's inputs below `dir`; values are literals, local paths, or the URIs of inputs in mode Direct. */
export async function fetchInputs(
  ctx: EmulatorContext,
  job: Job,
  dir: string,
): Promise<Record<string, string>> {
  const given = Object.entries(job.properties.inputs ?? {});
  const values = await Promise.all(
    given.map(
      async ([name, input]) => [name, await fetchInput(ctx, job, name, input, join(dir, name))] as const,
    ),
  );
  return Object.fromEntries(values);
}

async function fetchInput(
  ctx: EmulatorContext,
  job: Job,
  name: string,
  input: JobInput,
  dir: string,
): Promise<string> {
  if (input.jobInputType.toLowerCase() === 'literal') return input.value ?? '';
  if (typeof input.uri !== 'string' || input.uri === '') throw userError(`Input '${name}' has no uri.`);
  if (isDirect(input.mode)) return input.uri;
  try {
    const path = await fetchUri(ctx, job.workspaceId, input.uri, dir);
    if (input.jobInputType.toLowerCase() === 'mltable') await fetchPaths(ctx, job.workspaceId, dir);
    // A folder may be one blob under its own name; a script that wants a folder gets the folder around it.
    return /file|model/.test(input.jobInputType) ? path : dir;
  } catch (error) {
    if (error instanceof AzureError)
      throw new AzureError(error.status, error.code, `Input '${name}': ${error.message}`);
    throw error;
  }
}

/** Public URLs that do not lie in the emulator's Blob service are fetched from where they are. */
async function fetchUri(
  ctx: EmulatorContext,
  workspaceId: string,
  uri: string,
  dir: string,
): Promise<string> {
  const location = resolveUri(ctx, workspaceId, uri);
  const isOurs = [ctx.blob.url, ctx.blob.publicUrl].some((url) => uri.startsWith(`${url}/`));
  const isPublic = /^https?:/i.test(uri) && !isOurs;
  const container = ctx.blob.service.getContainerClient(location.container);
  if (!isPublic || (await container.exists())) return download(ctx, location, dir);
  const response = await fetch(uri);
  if (!response.ok || response.body === null)
    throw userError(`${uri.split('?')[0] ?? uri} answered ${response.status}.`);
  const target = join(dir, basename(new URL(uri).pathname));
  await mkdir(dir, { recursive: true });
  await writeFile(target, response.body);
  return target;
}

/** Where each output of a job ends up; what GET shows as its `uri`. */
export function outputUri(jobName: string, name: string, output: JobOutput): string {
  const template =
    output.uri ?? 'azureml://datastores/${{default_datastore}}/paths/azureml/${{name}}/${{output_name}}/';
  return template
    .replaceAll('${{default_datastore}}', DEFAULT_DATASTORE)
    .replaceAll('${{name}}', jobName)
    .replaceAll('${{output_name}}', name);
}

/** The outputs that the job's author named: all but `default`, which stands for the run's own artifacts. */
function namedOutputs(job: Job): [string, JobOutput][] {
  return Object.entries(job.properties.outputs ?? {}).filter(([name]) => name !== 'default');
}

function isFile(output: JobOutput): boolean {
  return output.jobOutputType.toLowerCase() === 'uri_file';
}

/** Makes a local place for each output below `dir`; values are local paths, or URIs for mode Direct. */
export async function prepareOutputs(job: Job, dir: string): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [name, output] of namedOutputs(job)) {
    const path = join(dir, name);
    await mkdir(isFile(output) ? dir : path, { recursive: true });
    values[name] = isDirect(output.mode) ? outputUri(job.name, name, output) : path;
  }
  return values;
}

/** Uploads what the job wrote and registers the outputs that have an asset name. */
export async function storeOutputs(
  ctx: EmulatorContext,
  job: Job,
  paths: Record<string, string>,
): Promise<void> {
  await Promise.all(
    namedOutputs(job).map(async ([name, output]) => {
      const uri = outputUri(job.name, name, output);
      const path = paths[name];
      if (path !== undefined && !isDirect(output.mode)) await storeOutput(ctx, job, name, path, uri);
      const version = registerOutput(ctx, job, name, output, uri);
      if (version !== undefined) showVersion(ctx, job, name, version);
    }),
  );
}

async function storeOutput(
  ctx: EmulatorContext,
  job: Job,
  name: string,
  path: string,
  uri: string,
): Promise<void> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (!exists) throw userError(`The job ended without writing its output '${name}'.`);
  await upload(ctx, path, resolveUri(ctx, job.workspaceId, uri));
}

/** Registers an output that has an asset name; returns the version that it got. */
export function registerOutput(
  ctx: EmulatorContext,
  job: Job,
  name: string,
  output: JobOutput,
  uri: string,
): string | undefined {
  if (typeof output.assetName !== 'string' || output.assetName === '') return undefined;
  const isModel = MODELS.test(output.jobOutputType);
  const type = output.jobOutputType;
  const properties = isModel
    ? { modelType: type, modelUri: uri, flavors: {}, jobName: job.name }
    : { dataType: type, dataUri: uri };
  return registerVersion(ctx, job.workspaceId, isModel ? 'models' : 'data', {
    name: output.assetName,
    version: output.assetVersion ?? undefined,
    properties,
  }).name;
}

function showVersion(ctx: EmulatorContext, job: Job, name: string, assetVersion: string): void {
  changeJob(ctx, job.id, (stored) => {
    const outputs = stored.properties['outputs'] as Record<string, JobOutput>;
    stored.properties['outputs'] = { ...outputs, [name]: { ...outputs[name], assetVersion } };
  });
}
