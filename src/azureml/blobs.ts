import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import pLimit from 'p-limit';
import type { AzureMl } from './client.js';
import { asAzureError, AzureError } from './errors.js';

/** A datastore of Blob Storage, ready for requests. */
export interface Datastore {
  readonly name: string;
  readonly container: ContainerClient;
  /** Address of the container as Azure writes it in URIs, whatever address we use ourselves. */
  readonly url: string;
}

interface DatastoreResource {
  readonly name: string;
  readonly properties: {
    readonly datastoreType?: string;
    readonly accountName?: string;
    readonly containerName?: string;
    readonly endpoint?: string;
    readonly protocol?: string;
    readonly credentials?: { readonly credentialsType?: string };
  };
}

/** Secrets of datastores stay here, in the process, for as long as its handle lives. */
const opened = new WeakMap<AzureMl, Map<string, Promise<Datastore>>>();

/** A datastore by name; without one the workspace's default. Throws AzureError when it is no Blob Storage. */
export function datastore(ml: AzureMl, name = ''): Promise<Datastore> {
  const known = opened.get(ml) ?? new Map<string, Promise<Datastore>>();
  opened.set(ml, known);
  const found = known.get(name);
  if (found !== undefined) return found;
  const opening = open(ml, name);
  known.set(name, opening);
  opening.catch(() => known.delete(name));
  return opening;
}

async function open(ml: AzureMl, name: string): Promise<Datastore> {
  const resource = name === '' ? await defaultDatastore(ml) : await named(ml, name);
  const { accountName, containerName, endpoint = 'core.windows.net', credentials } = resource.properties;
  if (accountName === undefined || containerName === undefined) {
    const message = `datastore ${resource.name} is no Blob Storage; files are kept in Blob Storage only`;
    throw new AzureError(message, {
      code: 'UnsupportedDatastore',
      operation: `GET datastores/${resource.name}`,
    });
  }
  const url = `https://${accountName}.blob.${endpoint}/${containerName}`;
  const address =
    ml.connection.blobUrl === undefined
      ? url
      : `${ml.connection.blobUrl.replace(/\/+$/, '')}/${containerName}`;
  const type = credentials?.credentialsType ?? 'None';
  return {
    name: resource.name,
    url,
    container: await authorized(ml, resource.name, type, accountName, address),
  };
}

async function named(ml: AzureMl, name: string): Promise<DatastoreResource> {
  return (await ml.send({ method: 'GET', path: `/datastores/${name}` })).body as DatastoreResource;
}

async function defaultDatastore(ml: AzureMl): Promise<DatastoreResource> {
  const answer = await ml.send({
    method: 'GET',
    path: '/datastores',
    query: { isDefault: 'true', count: '30' },
  });
  const [first] = (answer.body as { value?: DatastoreResource[] }).value ?? [];
  return first ?? named(ml, 'workspaceblobstore');
}

async function authorized(
  ml: AzureMl,
  name: string,
  type: string,
  account: string,
  address: string,
): Promise<ContainerClient> {
  // An identity-based datastore has no secret: our own identity needs a role on the account.
  if (type.toLowerCase() === 'none') return new ContainerClient(address, ml.connection.credential);
  const { body } = await ml.send({
    method: 'POST',
    path: `/datastores/${name}/listSecrets`,
    body: { expirableSecret: true, expireAfterHours: 1 },
  });
  const secret = body as { secretsType?: string; key?: string; sasToken?: string };
  if (secret.key !== undefined)
    return new ContainerClient(address, new StorageSharedKeyCredential(account, secret.key));
  if (secret.sasToken !== undefined)
    return new ContainerClient(`${address}?${secret.sasToken.replace(/^\?/, '')}`);
  return new ContainerClient(address, ml.connection.credential);
}

/** Runs storage calls; what they throw becomes an AzureError. */
export async function stored<T>(operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw asAzureError(thrown, operation);
  }
}

export interface BlobEntry {
  readonly name: string;
  readonly size: number;
  /** Base64; Azure holds none for blobs that were sent in blocks. */
  readonly md5?: string;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** Blobs whose name begins with `prefix`, ordered by name. */
export async function blobsOf(container: ContainerClient, prefix: string): Promise<BlobEntry[]> {
  return stored('list blobs', async () => {
    const found: BlobEntry[] = [];
    for await (const { name, properties } of container.listBlobsFlat({ prefix })) {
      const md5 = properties.contentMD5;
      found.push({
        name,
        size: properties.contentLength ?? 0,
        modifiedAt: properties.lastModified.getTime(),
        ...(md5 === undefined ? {} : { md5: Buffer.from(md5).toString('base64') }),
      });
    }
    return found;
  });
}

/** Deletes blobs, several at once; one that is gone already is fine. */
export async function deleteBlobs(container: ContainerClient, names: readonly string[]): Promise<void> {
  const limit = pLimit(PARALLEL_DELETES);
  await stored('delete blobs', () =>
    Promise.all(names.map((name) => limit(() => container.getBlobClient(name).deleteIfExists()))),
  );
}

const PARALLEL_DELETES = 16;

/** Content of a blob; undefined when there is none. */
export async function contentOf(container: ContainerClient, name: string): Promise<Buffer | undefined> {
  try {
    return await container.getBlobClient(name).downloadToBuffer();
  } catch (thrown) {
    const error = asAzureError(thrown, `read ${name}`);
    if (error.status === 404) return undefined;
    throw error;
  }
}

/** Path of a datastore URI (short or long form): datastore and path in it; undefined for other addresses. */
export function datastorePath(
  uri: string,
): { readonly datastore: string; readonly path: string } | undefined {
  const found = /^azureml:\/\/(?:subscriptions\/.+\/)?datastores\/([^/]+)\/paths\/(.*)$/i.exec(uri);
  if (found?.[1] === undefined || found[2] === undefined) return undefined;
  return { datastore: found[1], path: found[2] };
}
