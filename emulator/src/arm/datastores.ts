import type { EmulatorContext } from '../context.js';
import { AzureError, userError } from '../errors.js';
import { ML, keyOf, nameOf } from '../ids.js';
import { resourcesOf } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { existing, isJson, objectOf, propertiesOf, requiredText, store } from './crud.js';
import { childrenOf, listReply } from './listing.js';
import { blobReference } from './pending-upload.js';
import { ok, visible } from './replies.js';
import type { ArmReply, ArmRequest, ArmServices, ResourceType } from './types.js';

const TYPES = ['AzureBlob', 'AzureDataLakeGen1', 'AzureDataLakeGen2', 'AzureFile', 'OneLake'];

/** Datastores. Blob datastores have a real container in the emulator's Blob service, whatever account they name. */
export function datastoreType(arm: ArmServices): ResourceType {
  const { ctx } = arm;
  const missing = (request: ArmRequest) => () =>
    userError(`Could not find datastore: ${nameOf(request.path)}.`, 404);
  return {
    type: `${ML}/workspaces/datastores`,
    get: (request) => ok(visible(existing(ctx, request, missing(request)))),
    list: (request) => {
      const names = request.query['names']?.split(',');
      const found = childrenOf(ctx.store, request.path)
        .filter(({ properties }) => request.query['isDefault'] !== 'true' || properties['isDefault'] === true)
        .filter(({ name }) => names === undefined || names.includes(name));
      return listReply(request, found);
    },
    put: (request) => putDatastore(arm, request),
    remove: (request) => ({ status: resourcesOf(ctx.store).remove(keyOf(request.path)) ? 200 : 204 }),
    actions: {
      listsecrets: (request) => {
        const datastore = existing(ctx, request, missing(request));
        const secrets = datastore['_secrets'];
        if (isJson(secrets))
          return ok(answered(ctx, datastore, secrets, request.body['expirableSecret'] === true));
        throw new AzureError(
          400,
          'UserError',
          `Datastore ${nameOf(request.path)} has no secrets: its credentials are of type None.`,
        );
      },
    },
  };
}

async function putDatastore(arm: ArmServices, request: ArmRequest): Promise<ArmReply> {
  const { ctx } = arm;
  const given = propertiesOf(request.body);
  const kind = requiredText(given, 'datastoreType');
  if (!TYPES.includes(kind)) throw userError(`datastoreType '${kind}' is none of ${TYPES.join(', ')}.`);
  const credentials = objectOf(given, 'credentials');
  if (kind === 'AzureBlob') {
    requiredText(given, 'accountName');
    const container = requiredText(given, 'containerName');
    requireContainerName(container);
    await ctx.blob.ready;
    await ctx.blob.service.getContainerClient(container).createIfNotExists();
  }
  const properties = {
    endpoint: 'core.windows.net',
    protocol: 'https',
    tags: {},
    properties: {},
    description: null,
    serviceDataAccessAuthIdentity: 'None',
    ...given,
    isDefault: nameOf(request.path) === 'workspaceblobstore',
    credentials: withoutSecrets(credentials),
  };
  const { resource, created } = store(ctx, request, properties, {
    _secrets: secretsOf(credentials, kind, ctx.blob.key),
  });
  return { status: created ? 201 : 200, body: visible(resource) };
}

/** https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata#container-names */
function requireContainerName(name: string): void {
  if (name.startsWith('$') || /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return;
  throw userError(
    `containerName '${name}' must be 3 to 63 lower-case letters, digits or single dashes between them.`,
  );
}

function withoutSecrets(credentials: Json): Json {
  return Object.fromEntries(Object.entries(credentials).filter(([key]) => key !== 'secrets'));
}

/**
 * A secret that ends is a SAS, whatever was stored (azure-ai-ml 1.28 takes nothing else), and a stored SAS of another
 * account opens nothing here: both are answered as one of the emulator's own.
 */
function answered(ctx: EmulatorContext, datastore: StoredResource, secrets: Json, expirable: boolean): Json {
  const container = datastore.properties['containerName'];
  if (typeof container !== 'string' || (secrets['secretsType'] !== 'Sas' && !expirable)) return secrets;
  const { credential } = blobReference(ctx, container, 'racwdl');
  return { secretsType: 'Sas', sasToken: credential.sasUri.split('?')[1] };
}

/** Account keys are answered as Azurite's: every blob datastore lies there, and its clients must get in. */
function secretsOf(credentials: Json, kind: string, key: string): unknown {
  const type = credentials['credentialsType'];
  if (kind === 'AzureBlob' && type === 'AccountKey') return { secretsType: 'AccountKey', key };
  if (type === 'None' || type === undefined) return undefined;
  return isJson(credentials['secrets']) ? credentials['secrets'] : { secretsType: type };
}
