import type { ContainerClient } from '@azure/storage-blob';
import { datastore, datastorePath } from './blobs.js';
import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { getJob } from './jobs.js';
import { latestVersion } from './port.js';
import { getOrUndefined } from './transport.js';
import { parseReference } from './yaml/references.js';

/** Where files lie in Blob Storage. `prefix` has no leading slash; a folder's may end in one. */
export interface Location {
  readonly container: ContainerClient;
  readonly prefix: string;
}

/** An output of a job; `artifacts` and `default` are what the run logged. */
export async function locateOutput(ml: AzureMl, job: string, output: string): Promise<Location> {
  const logged = output === 'artifacts' || output === 'default';
  const view = await getJob(ml, job);
  const uri = view?.outputs[output]?.uri ?? (logged ? view?.outputs['default']?.uri : undefined);
  if (uri !== undefined && !logged) return locate(ml, substituted(uri, job, output));
  if (uri !== undefined) {
    // azureml://datastores/<ds>/ExperimentRun/dcid.<job>: without `paths/`, unlike every other address.
    const found = /^azureml:\/\/(?:subscriptions\/.+\/)?datastores\/([^/]+)\/(?:paths\/)?(.+)$/i.exec(uri);
    if (found?.[1] !== undefined && found[2] !== undefined) {
      return { container: (await datastore(ml, found[1])).container, prefix: found[2].replace(/\/*$/, '/') };
    }
  }
  if (!logged) {
    return locate(ml, `azureml://datastores/workspaceblobstore/paths/azureml/${job}/${output}/`);
  }
  return {
    container: (await datastore(ml, 'workspaceartifactstore')).container,
    prefix: `ExperimentRun/dcid.${job}/`,
  };
}

/** An output's address may still hold the names that Azure fills in when the job runs. */
function substituted(uri: string, job: string, output: string): string {
  return uri
    .replaceAll('${{name}}', job)
    .replaceAll('${{output_name}}', output)
    .replaceAll('${{default_datastore}}', 'workspaceblobstore');
}

/**
 * Blobs of anything that names files: `azureml://datastores/…`, `azureml://jobs/{j}/outputs/{o}/paths/{p}`,
 * `runs:/{job}/{path}`, `azureml:data:version`, `azureml:data@latest`, an ARM id of a data or model version.
 */
export async function locate(ml: AzureMl, uri: string): Promise<Location> {
  const path = datastorePath(uri);
  if (path !== undefined)
    return { container: (await datastore(ml, path.datastore)).container, prefix: path.path };
  const output =
    /^azureml:\/\/(?:locations\/[^/]+\/workspaces\/[^/]+\/)?jobs\/([^/]+)\/outputs\/([^/]+)(?:\/paths\/(.*))?$/i.exec(
      uri,
    );
  if (output?.[1] !== undefined) return locateIn(ml, output[1], output[2] ?? 'artifacts', output[3] ?? '');
  const run = /^runs:\/([^/]+)\/(.*)$/.exec(uri);
  if (run?.[1] !== undefined) return locateIn(ml, run[1], 'artifacts', run[2] ?? '');
  return locate(ml, await uriOfAsset(ml, uri));
}

async function locateIn(ml: AzureMl, job: string, output: string, path: string): Promise<Location> {
  const { container, prefix } = await locateOutput(ml, job, output);
  return { container, prefix: `${prefix.replace(/\/?$/, '/')}${path}` };
}

async function uriOfAsset(ml: AzureMl, text: string): Promise<string> {
  const reference = parseReference(text);
  const id =
    reference?.kind === 'arm'
      ? reference.id
      : reference?.kind === 'version'
        ? `${ml.id}/data/${reference.name}/versions/${reference.version}`
        : reference?.kind === 'label'
          ? `${ml.id}/data/${reference.name}/versions/${await latestVersion(ml, 'data', reference.name)}`
          : undefined;
  const found = id === undefined ? undefined : await getOrUndefined(ml, id);
  const properties = (found as { properties?: { dataUri?: string; modelUri?: string } } | undefined)
    ?.properties;
  const uri = properties?.dataUri ?? properties?.modelUri;
  if (uri !== undefined && uri !== text) return uri;
  throw new AzureError(`${text} names no files in this workspace's Blob Storage`, {
    code: 'NotFound',
    status: 404,
    target: text,
    operation: 'resolve address',
  });
}
