import type { FileRef } from '../domain/project.js';
import { studioLink } from './client.js';
import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { withGit } from './git-properties.js';
import { hashOf } from './hash.js';
import { runDetails } from './history.js';
import { azureAssets, byContent } from './port.js';
import type { SourceFiles } from './source-files.js';
import { toRest } from './translate.js';
import { getOrUndefined } from './transport.js';
import type { JobOptions, JobOutput, JobView, Json, PreparedJob, Tags } from './types.js';
import { load } from './yaml/load.js';
import { nameAndVersion } from './yaml/references.js';

/**
 * Body of a job, with everything it names in place: code uploaded once, anonymous environment registered, `@latest`
 * resolved (pins first). Doing it again finds what is there. Throws SpecError for mistakes in the file.
 */
export async function prepareJob(
  ml: AzureMl,
  files: SourceFiles,
  ref: FileRef,
  options: JobOptions,
): Promise<PreparedJob> {
  const assets = azureAssets(ml, files, options.pins === undefined ? {} : { pins: options.pins });
  const { body } = await toRest(await load(files, ref, { role: 'job' }), assets);
  const properties = body['properties'] as Json;
  const codeHash = codeHashOf([...assets.codes.values()]);
  return {
    requestHash: requestHash(byContent(properties, [assets.codes, assets.components]), codeHash),
    codeHash,
    data: dataOf(properties),
    body: {
      properties: {
        ...properties,
        displayName: options.displayName,
        experimentName: options.experiment,
        tags: { ...(properties['tags'] as Tags), ...options.tags },
        properties: { ...withGit(properties['properties'] as Tags, options.git), ...options.properties },
      },
    },
  };
}

/** What a job is called and described as does not change its work; its code counts by content, not by name. */
function requestHash(properties: Json, codeHash: string): string {
  const unsaid = ['displayName', 'description', 'experimentName', 'tags', 'isArchived', 'codeId'];
  const work = Object.entries(properties).filter(([key]) => !unsaid.includes(key));
  return hashOf({ ...Object.fromEntries(work), codeHash });
}

/** Hash of all code that a job brings; empty when it brings none. */
function codeHashOf(hashes: readonly string[]): string {
  const [only = '', ...more] = [...new Set(hashes)].sort();
  return more.length === 0 ? only : hashOf([only, ...more]);
}

/** Data of a job, and of the steps of a pipeline by `step.input`. */
function dataOf(properties: Json): Record<string, string> {
  const steps = Object.entries((properties['jobs'] ?? {}) as Record<string, Json>);
  return Object.assign(
    {},
    dataOfInputs(properties['inputs'] as Json | undefined, ''),
    ...steps.map(([step, node]) => dataOfInputs(node['inputs'] as Json | undefined, `${step}.`)),
  ) as Record<string, string>;
}

function dataOfInputs(inputs: Json | undefined, prefix: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, input] of Object.entries(inputs ?? {})) {
    const uri = (input as { uri?: string }).uri;
    if (uri === undefined) continue;
    const asset = nameAndVersion(uri);
    found[prefix + name] = asset === undefined ? uri : `${asset.name}:${asset.version}`;
  }
  return found;
}

/** Sends a job. A job of that name is never changed: names carry the hash of the work, so it is the same job. */
export async function putJob(ml: AzureMl, name: string, body: Json): Promise<'created' | 'exists'> {
  // Azure takes a PUT that repeats the immutable part for an update; asking first keeps the first job's tags.
  if ((await getOrUndefined(ml, `/jobs/${name}`)) !== undefined) return 'exists';
  try {
    await ml.send({ method: 'PUT', path: `/jobs/${name}`, body });
    return 'created';
  } catch (thrown) {
    if (thrown instanceof AzureError && isTaken(thrown)) return 'exists';
    throw thrown;
  }
}

function isTaken(error: AzureError): boolean {
  return error.has('Immutable', 'JobPropertyImmutable') || /already exists/i.test(error.message);
}

const finals = ['Completed', 'Failed', 'Canceled'];

/** Azure may take every other status back. */
export function isFinal(status: unknown): boolean {
  return typeof status === 'string' && finals.includes(status);
}

interface JobResource {
  readonly name: string;
  readonly properties: {
    readonly status?: string;
    readonly tags?: Tags | null;
    readonly properties?: Tags | null;
    readonly services?: Readonly<Record<string, { readonly endpoint?: string }>> | null;
    readonly outputs?: Readonly<Record<string, Json>> | null;
  };
}

/** Before these a job has no run that could have times. */
const unstarted = ['NotStarted', 'Queued', 'Provisioning', 'Preparing', 'Starting'];

/** A job as it is now; undefined when there is none of that name. */
export async function getJob(ml: AzureMl, name: string): Promise<JobView | undefined> {
  const body = await getOrUndefined(ml, `/jobs/${name}`);
  if (body === undefined) return undefined;
  const job = body as JobResource;
  const { status = 'Unknown', tags, properties, services, outputs } = job.properties;
  const run = unstarted.includes(status) ? {} : await runDetails(ml, name);
  const { startedAt, endedAt } = run;
  return {
    name: job.name,
    status,
    final: isFinal(status),
    ...run,
    ...(startedAt === undefined || endedAt === undefined ? {} : { seconds: (endedAt - startedAt) / 1000 }),
    studioUrl: services?.['Studio']?.endpoint ?? studioLink(ml, `runs/${job.name}`),
    tags: tags ?? {},
    properties: properties ?? {},
    outputs: Object.fromEntries(
      Object.entries(outputs ?? {}).map(([output, value]) => [output, outputView(value)]),
    ),
  };
}

function outputView(output: Json): JobOutput {
  const text = (key: string) => (typeof output[key] === 'string' ? output[key] : undefined);
  const [uri, assetName, assetVersion] = [text('uri'), text('assetName'), text('assetVersion')];
  return {
    type: text('jobOutputType') ?? 'uri_folder',
    ...(uri === undefined ? {} : { uri }),
    ...(assetName === undefined ? {} : { assetName }),
    ...(assetVersion === undefined ? {} : { assetVersion }),
  };
}

/** Asks Azure to cancel a job; one that has ended, or is unknown, is left as it is. */
export async function cancelJob(ml: AzureMl, name: string): Promise<void> {
  const job = await getJob(ml, name);
  if (job === undefined || job.final || job.status === 'CancelRequested') return;
  try {
    await ml.send({ method: 'POST', path: `/jobs/${name}/cancel`, accept: [404] });
  } catch (thrown) {
    if ((await getJob(ml, name))?.final === true) return;
    throw thrown;
  }
}

/** Outputs that the job registered as data assets: output → name and version. */
export async function jobDataOutputs(
  ml: AzureMl,
  name: string,
): Promise<Record<string, { name: string; version: string }>> {
  const job = await getJob(ml, name);
  const found: Record<string, { name: string; version: string }> = {};
  for (const [output, { type, assetName, assetVersion, uri }] of Object.entries(job?.outputs ?? {})) {
    if (assetName === undefined || type.endsWith('_model')) continue;
    const version =
      assetVersion ?? nameAndVersion(uri ?? '')?.version ?? (await versionByJob(ml, assetName, name));
    if (version !== undefined) found[output] = { name: assetName, version };
  }
  return found;
}

/** The version of a data asset that a job made, where the job itself does not say: the newest that points into it. */
async function versionByJob(ml: AzureMl, asset: string, job: string): Promise<string | undefined> {
  const body = await getOrUndefined(ml, `/data/${asset}/versions`, {
    query: { $orderBy: 'createdtime desc' },
  });
  const versions = (body as { value?: { name: string; properties: Json }[] } | undefined)?.value ?? [];
  return (versions.find(({ properties }) => JSON.stringify(properties).includes(job)) ?? versions[0])?.name;
}
