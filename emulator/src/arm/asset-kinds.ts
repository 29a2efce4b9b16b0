import type { EmulatorContext } from '../context.js';
import { AzureError, userError } from '../errors.js';
import { workspaceIdOf } from '../ids.js';
import { resourcesOf } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { registryAsset } from './registry-assets.js';
import type { AssetKind } from './assets.js';
import { isJson, requiredText, textOf } from './crud.js';
import type { ArmRequest } from './types.js';

const pathConflict = (name: string, version: string) =>
  userError(
    `Asset paths cannot be updated. The version ${name}:${version} exists with another path: register a new version.`,
  );

const versionConflict = (name: string, version: string) =>
  userError(
    `Version ${version} of ${name} is already registered and cannot be changed: register a new version.`,
    409,
  );

function oneOf(properties: Json, field: string, allowed: readonly string[]): void {
  const found = textOf(properties, field);
  if (found !== undefined && !allowed.includes(found)) {
    throw userError(`${field} '${found}' is none of ${allowed.join(', ')}.`);
  }
}

const COMPONENT_TYPES = [
  'command',
  'pipeline',
  'parallel',
  'spark',
  'sweep',
  'automl',
  'import',
  'data_transfer',
];

/** Files of this machine are nobody's asset, and no path may lead out of its datastore. */
function checkUri(properties: Json, field: string): void {
  const uri = textOf(properties, field) ?? '';
  if (!/^[a-z][a-z0-9+.-]*:/i.test(uri) || /^file:/i.test(uri))
    throw userError(`${field} '${uri}' is not in storage: give an azureml:// or https:// address.`);
  const { path } = /^[a-z0-9+.-]+:(?<path>[^?#]*)/i.exec(uri)?.groups ?? {};
  if ((path ?? '').split(/[/\\]|%2f|%5c/i).some((part) => /^(\.|%2e){2}$/i.test(part)))
    throw userError(`${field} '${uri}' leaves its folder: '..' is not allowed.`);
}

/** The asset collections of a workspace. */
export const ASSET_KINDS: readonly AssetKind[] = [
  {
    collection: 'data',
    label: 'Data asset',
    required: ['dataUri'],
    immutable: ['dataType', 'dataUri'],
    defaults: { dataType: 'uri_folder' },
    conflict: pathConflict,
    check: (properties) => {
      oneOf(properties, 'dataType', ['uri_file', 'uri_folder', 'mltable']);
      checkUri(properties, 'dataUri');
    },
  },
  {
    collection: 'environments',
    label: 'Environment',
    required: [],
    immutable: ['image', 'condaFile', 'build'],
    defaults: { environmentType: 'UserCreated', osType: 'Linux', autoRebuild: 'Disabled' },
    conflict: versionConflict,
    check: (properties) => {
      if (properties['image'] ?? properties['build'] ?? properties['condaFile'] ?? undefined) return;
      throw userError('An environment needs an image or a build context.');
    },
  },
  {
    collection: 'components',
    label: 'Component',
    required: [],
    immutable: ['componentSpec'],
    defaults: {},
    conflict: versionConflict,
    check: ({ componentSpec }) => {
      if (!isJson(componentSpec)) throw userError('The componentSpec field is required.');
      const type = requiredText(componentSpec, 'type');
      if (!COMPONENT_TYPES.includes(type))
        throw userError(`type '${type}' of the component is none of ${COMPONENT_TYPES.join(', ')}.`);
    },
  },
  {
    collection: 'models',
    label: 'Model',
    required: ['modelUri'],
    immutable: ['modelType', 'modelUri'],
    defaults: { modelType: 'custom_model', flavors: {}, stage: null },
    conflict: pathConflict,
    check: (properties) => {
      oneOf(properties, 'modelType', ['custom_model', 'mlflow_model', 'triton_model']);
      checkUri(properties, 'modelUri');
    },
  },
  {
    collection: 'codes',
    label: 'Code',
    required: ['codeUri'],
    immutable: ['codeUri'],
    defaults: {},
    conflict: pathConflict,
    check: (properties) => {
      checkUri(properties, 'codeUri');
    },
    search: codeByHash,
  },
];

/** Clients ask for uploaded code under a random name; the service matches on the hash alone, over all names. */
function codeByHash(ctx: EmulatorContext, request: ArmRequest): StoredResource[] | undefined {
  const { hash } = request.query;
  if (hash === undefined) return undefined;
  const prefix = `${workspaceIdOf(request.path)?.toLowerCase() ?? ''}/codes/`;
  return resourcesOf(ctx.store)
    .list(prefix)
    .filter(({ key }) => key.includes('/versions/'))
    .map(({ value }) => value)
    .filter(
      ({ properties }) =>
        isJson(properties['properties']) && properties['properties']['hash_sha256'] === hash,
    )
    .slice(0, 1);
}

/** Refuses a reference to an asset (ARM id or `azureml:name:version`) that is not in the workspace. */
export function requireAsset(
  ctx: EmulatorContext,
  request: ArmRequest,
  collection: string,
  reference: unknown,
): void {
  if (reference === undefined || reference === null) return;
  if (typeof reference !== 'string') throw userError(`A reference to ${collection} must be a string.`);
  const short = /^azureml:([^/:]+):([^/:]+)$/.exec(reference);
  const id = short
    ? `${workspaceIdOf(request.path) ?? ''}/${collection}/${short[1] ?? ''}/versions/${short[2] ?? ''}`
    : reference;
  // Environments of Microsoft's own registry are known by name, models are only what is here.
  if (collection === 'models' && id.startsWith('azureml://registries/') && !registryAsset(ctx, id))
    throw new AzureError(400, 'UserError', `The registry's asset '${id}' was not found.`);
  if (!id.startsWith('/subscriptions/')) return;
  if (resourcesOf(ctx.store).get(id.toLowerCase()) === undefined) {
    throw new AzureError(
      400,
      'UserError',
      `The reference '${reference}' was not found in the workspace's ${collection}.`,
    );
  }
}
