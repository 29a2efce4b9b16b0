import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmulatorContext } from '../../src/context.js';
import { putResource } from '../../src/resources.js';
import type { Json } from '../../src/resources.js';
import { resolveUri, upload } from '../../src/runner/uris.js';

export const WORKSPACE =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws1';
export const GUID = '6b2a7a3e-1111-4222-8333-944455556666';
export const KEYS = { primaryKey: 'primary-key', secondaryKey: 'secondary-key' };

/** One environment for all deployments of the tests, so that it is made once. */
export const CONDA = JSON.stringify({
  name: 'scoring-tests',
  dependencies: [{ pip: ['mlflow-skinny', 'pandas', 'scikit-learn'] }],
});

/** Stores a resource as ARM would after a PUT. */
export function put(ctx: EmulatorContext, id: string, properties: Json, more: Json = {}): void {
  const parts = id.split('/providers/').pop()?.split('/') ?? [];
  const type = [parts[0], ...parts.slice(1).filter((_part, at) => at % 2 === 0)].join('/');
  const now = new Date().toISOString();
  putResource(ctx.store, {
    id,
    name: parts.at(-1) ?? '',
    type,
    properties,
    systemData: { createdAt: now, createdBy: 'test', createdByType: 'User', lastModifiedAt: now },
    ...more,
  });
}

/** A workspace with its default datastore and the tests' environment. */
export function putWorkspace(ctx: EmulatorContext): void {
  put(ctx, WORKSPACE, { workspaceId: GUID }, { location: 'westeurope' });
  put(ctx, `${WORKSPACE}/datastores/workspaceblobstore`, {
    datastoreType: 'AzureBlob',
    containerName: `azureml-blobstore-${GUID}`,
  });
  put(ctx, `${WORKSPACE}/environments/scoring/versions/1`, { condaFile: CONDA });
}

/** Uploads files to the default datastore and returns their `azureml://` folder. */
export async function putFiles(
  ctx: EmulatorContext,
  path: string,
  files: Record<string, string>,
): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'scoring-files-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  const uri = await putFolder(ctx, path, dir);
  await rm(dir, { recursive: true });
  return uri;
}

export async function putFolder(ctx: EmulatorContext, path: string, dir: string): Promise<string> {
  const uri = `azureml://datastores/workspaceblobstore/paths/${path}`;
  await upload(ctx, dir, resolveUri(ctx, WORKSPACE, uri));
  return uri;
}

/** Stores the code of a scoring script and returns its ARM id. */
export async function putCode(ctx: EmulatorContext, name: string, script: string): Promise<string> {
  const codeUri = await putFiles(ctx, `code/${name}`, { 'score.py': script });
  const id = `${WORKSPACE}/codes/${name}/versions/1`;
  put(ctx, id, { codeUri });
  return id;
}

export function putEndpoint(ctx: EmulatorContext, name: string, properties: Json): string {
  const id = `${WORKSPACE}/onlineEndpoints/${name}`;
  put(ctx, id, { authMode: 'Key', ...properties }, { _keys: KEYS, location: 'westeurope' });
  return id;
}

/** Stores a deployment with a scoring script; `properties` add to it or replace parts of it. */
export function putDeployment(
  ctx: EmulatorContext,
  endpointId: string,
  name: string,
  codeId: string | undefined,
  properties: Json = {},
  capacity = 1,
): string {
  const id = `${endpointId}/deployments/${name}`;
  const code =
    codeId === undefined
      ? {}
      : {
          codeConfiguration: { codeId, scoringScript: 'score.py' },
          environmentId: `${WORKSPACE}/environments/scoring/versions/1`,
        };
  put(
    ctx,
    id,
    { endpointComputeType: 'Managed', provisioningState: 'Succeeded', ...code, ...properties },
    { sku: { name: 'Default', capacity }, location: 'westeurope' },
  );
  return id;
}
