import type { EmulatorContext } from '../context.js';
import { AzureError, userError } from '../errors.js';
import { ML, TENANT, guidOf, keyOf, nameOf, parentId, registryIdOf } from '../ids.js';
import { getResource, resourcesOf } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { copyBlobs } from '../runner/transfer.js';
import { resolveUri } from '../runner/uris.js';
import { ASSET_KINDS } from './asset-kinds.js';
import { assetTypes } from './assets.js';
import { existing, propertiesOf, requiredText, store, textOf } from './crud.js';
import { lifecycle } from './lifecycle.js';
import { childrenOf, listReply } from './listing.js';
import { blobReference, pendingContainer } from './pending-upload.js';
import { findRegistry, registryAsset, registryUri } from './registry-assets.js';
import { accepted, ok, visible } from './replies.js';
import { removeTree } from './scopes.js';
import type { ArmReply, ArmRequest, ArmServices, ResourceType } from './types.js';

/** Registries and the assets in them, which any workspace may use. */
export function registryTypes(arm: ArmServices): ResourceType[] {
  return [
    registryType(arm),
    ...ASSET_KINDS.flatMap((kind) => assetTypes(arm, kind, 'registries')),
    {
      // `azure-ai-ml` asks for a place to upload to by PUT, and for a way to read by POST.
      type: `${ML}/registries/tempdatarefs/versions`,
      put: async ({ id }) => ok(await pendingContainer(arm.ctx, guidOf(id.path.join('/')))),
    },
    {
      type: `${ML}/registries/datarefs/versions`,
      post: (request) => readable(arm.ctx, request),
    },
  ];
}

function registryType(arm: ArmServices): ResourceType {
  const { ctx } = arm;
  const life = lifecycle(arm, 'registry', {
    prefix: 'reg',
    remove: (id) => {
      removeTree(arm, id);
    },
  });
  arm.operations.define('registry.import', {
    run: ({ resourceId, payload }) => importAsset(arm, resourceId, payload),
  });
  return {
    type: `${ML}/registries`,
    get: (request) => ok(visible(existing(ctx, request))),
    list: (request) => listReply(request, childrenOf(ctx.store, request.path)),
    put: (request) => {
      const before = getResource(ctx.store, request.path);
      const location = requiredText(request.body, 'location');
      const properties = {
        publicNetworkAccess: 'Enabled',
        regionDetails: [{ location, acrDetails: [], storageAccountDetails: [] }],
        discoveryUrl: `${ctx.publicUrl(request.base)}/registrymanagement/v1.0/registries/${nameOf(request.path)}/discovery`,
        ...propertiesOf(request.body),
        provisioningState: before === undefined ? 'Creating' : 'Updating',
      };
      const body = { identity: { type: 'SystemAssigned' }, tags: {}, ...request.body };
      const { resource, created } = store(ctx, { ...request, body }, properties);
      return life.put(request, resource, created);
    },
    patch: (request) => {
      const before = existing(ctx, request);
      const properties = { ...before.properties, ...propertiesOf(request.body) };
      const body = { ...before, ...request.body };
      return ok(visible(store(ctx, { ...request, body }, properties).resource));
    },
    remove: life.remove,
    actions: {
      import: (request) => {
        const registry = existing(ctx, request);
        const properties = propertiesOf(request.body);
        for (const field of ['destinationName', 'destinationVersion', 'sourceAssetId'])
          requiredText(properties, field);
        const { path } = sourceOf(ctx, requiredText(properties, 'sourceAssetId'));
        const destination = destinationOf(registry.id, path, properties);
        if (getResource(ctx.store, destination) !== undefined)
          throw userError(`The asset ${destination} exists already in the registry.`, 409);
        return accepted(request, arm.operations.start('registry.import', 'imp', registry.id, properties));
      },
    },
  };
}

const SOURCE =
  /^azureml:\/\/locations\/[^/]+\/workspaces\/([^/]+)\/((models|environments|data)\/[^/]+\/versions\/[^/]+)$/i;

/** A workspace's asset by its id across workspaces: `azureml://locations/{region}/workspaces/{guid}/models/{n}/versions/{v}`. */
function sourceOf(
  ctx: EmulatorContext,
  assetId: string,
): { asset: StoredResource; workspace: StoredResource; path: string } {
  const [, guid, path = ''] = SOURCE.exec(assetId) ?? [];
  if (guid === undefined)
    throw userError(
      `sourceAssetId '${assetId}' is no model, environment or data asset of a workspace: azureml://locations/REGION/workspaces/GUID/models/NAME/versions/VERSION.`,
    );
  const workspace = resourcesOf(ctx.store)
    .list('/subscriptions/')
    .find(({ value }) => value.properties['workspaceId'] === guid)?.value;
  const asset = workspace === undefined ? undefined : getResource(ctx.store, `${workspace.id}/${path}`);
  if (workspace === undefined || asset === undefined)
    throw userError(`The asset '${assetId}' was not found.`, 404);
  return { asset, workspace, path };
}

function destinationOf(
  registryId: string,
  path: string,
  { destinationName, destinationVersion }: Json,
): string {
  return `${registryId}/${path.split('/')[0] ?? ''}/${String(destinationName)}/versions/${String(destinationVersion)}`;
}

/** Copies the asset with its blobs, so that the registry outlives the workspace. */
async function importAsset({ ctx }: ArmServices, registryId: string, payload: Json): Promise<void> {
  const { asset, workspace, path } = sourceOf(ctx, String(payload['sourceAssetId']));
  const id = destinationOf(registryId, path, payload);
  const field = ['modelUri', 'dataUri'].find((name) => typeof asset.properties[name] === 'string');
  let moved: Json = {};
  if (field !== undefined) {
    const from = resolveUri(ctx, workspace.id, String(asset.properties[field]));
    const container = `registry-${guidOf(id)}`;
    await copyBlobs(ctx, from, container);
    moved = { [field]: `${ctx.blob.publicUrl}/${container}/${from.prefix}` };
  }
  ctx.store.transaction(() => {
    for (const [at, properties] of [
      [parentId(id), { tags: {}, properties: {}, isArchived: false }],
      [id, { ...asset.properties, ...moved }],
    ] as const) {
      if (getResource(ctx.store, at) !== undefined) continue;
      const type = asset.type.replace('/workspaces/', '/registries/');
      resourcesOf(ctx.store).put(keyOf(at), {
        ...asset,
        id: at,
        name: nameOf(at),
        type: at === id ? type : type.replace(/\/versions$/, ''),
        properties: { ...properties },
      });
    }
  });
}

/** The signed address of the container in which an asset's blobs can be read. */
function readable(ctx: EmulatorContext, request: ArmRequest): ArmReply {
  const asked = textOf(request.body, 'blobUri') ?? '';
  const asset = registryAsset(ctx, textOf(request.body, 'assetId') ?? '');
  const uri = asset?.properties['modelUri'] ?? asset?.properties['dataUri'];
  const stored = typeof uri === 'string' ? uri : asked;
  const { container } = resolveUri(ctx, registryIdOf(request.path) ?? '', stored);
  const reference = blobReference(ctx, container, 'rl');
  const { credential } = reference;
  const sasUri = registryUri(ctx, request.base, credential.sasUri);
  return ok({
    blobReferenceForConsumption: { ...reference, blobUri: asked, credential: { ...credential, sasUri } },
  });
}

/** What a registry's name leads to, or 404. */
export function discovery(ctx: EmulatorContext, name: string, base: string): unknown {
  const registry = findRegistry(ctx, name);
  if (registry === undefined)
    throw new AzureError(404, 'RegistryNotFound', `The registry '${name}' was not found.`);
  const [, , subscriptionId, , resourceGroup] = registry.id.split('/');
  const regions = registry.properties['regionDetails'] as { location: string }[];
  return {
    registryName: registry.name,
    tenantId: TENANT,
    primaryRegion: registry.location,
    regions: regions.map(({ location }) => location),
    subscriptionId,
    resourceGroup,
    workspaceName: '',
    primaryRegionResourceProviderUri: `${base}/`,
  };
}
