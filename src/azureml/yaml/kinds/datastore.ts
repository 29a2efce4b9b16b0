import { z } from 'zod';
import type { Json } from '../../types.js';
import {
  credentialsBody,
  lakeCredentials,
  oneLakeCredentials,
  openSecret,
  storageCredentials,
} from '../datastore-credentials.js';
import { anything, compact, fileObject, object, plainTexts, snakeWord, text } from '../fields.js';
import { kind } from '../kind.js';
import type { Kind } from '../kind.js';

interface Datastore {
  readonly name: string;
  readonly description?: string | undefined;
  readonly tags?: Json | undefined;
  readonly credentials?: Json | undefined;
}

const shared = { name: text, description: text.optional() };
const storage = {
  ...shared,
  account_name: text,
  endpoint: text.optional(),
  protocol: text.optional(),
  tags: plainTexts.optional(),
};

/** What a storage account's datastores send alike. */
function storageBody(spec: z.output<z.ZodObject<typeof storage>>): Json {
  return {
    accountName: spec.account_name,
    endpoint: spec.endpoint || 'core.windows.net',
    protocol: spec.protocol ?? 'https',
  };
}

function datastore<T extends Datastore>(definition: {
  readonly name: string;
  /** As Azure writes it, `AzureBlob`. */
  readonly datastoreType: string;
  readonly type: string;
  readonly schema: z.ZodType<T>;
  readonly body: (spec: T) => Json;
}): Kind {
  const { name, datastoreType, type, schema, body } = definition;
  return kind<T>({
    name,
    family: 'datastore',
    roles: ['setup'],
    order: 2,
    detects: (value) => value['type'] === type,
    schema,
    check: ({ credentials }) => Promise.resolve(openSecret(credentials)),
    toRest: (spec) =>
      Promise.resolve({
        resource: `/datastores/${spec.name}`,
        body: {
          properties: compact({
            ...body(spec),
            credentials: credentialsBody(spec.credentials),
            tags: spec.tags ?? {},
            description: spec.description,
            datastoreType,
          }),
        },
        query: { skipValidation: 'true' },
      }),
  });
}

/** `az ml datastore create`: one kind for each `type`. */
export const datastores: readonly Kind[] = [
  datastore({
    name: 'azureBlob',
    datastoreType: 'AzureBlob',
    type: 'azure_blob',
    schema: fileObject(
      { ...storage, type: z.literal('azure_blob'), container_name: text, credentials: storageCredentials },
      ['id'],
    ),
    body: (spec) => ({ ...storageBody(spec), containerName: spec.container_name }),
  }),
  datastore({
    name: 'azureFile',
    datastoreType: 'AzureFile',
    type: 'azure_file',
    schema: fileObject(
      { ...storage, type: z.literal('azure_file'), file_share_name: text, credentials: storageCredentials },
      ['id'],
    ),
    body: (spec) => ({ ...storageBody(spec), fileShareName: spec.file_share_name }),
  }),
  datastore({
    name: 'azureDataLakeGen2',
    datastoreType: 'AzureDataLakeGen2',
    type: 'azure_data_lake_gen2',
    schema: fileObject(
      { ...storage, type: z.literal('azure_data_lake_gen2'), filesystem: text, credentials: lakeCredentials },
      ['id'],
    ),
    body: (spec) => ({ ...storageBody(spec), filesystem: spec.filesystem }),
  }),
  datastore({
    name: 'azureDataLakeGen1',
    datastoreType: 'AzureDataLakeGen1',
    type: 'azure_data_lake_gen1',
    schema: fileObject(
      {
        ...shared,
        type: z.literal('azure_data_lake_gen1'),
        store_name: text,
        tags: z.record(z.string(), anything).optional(),
        credentials: lakeCredentials,
      },
      ['id'],
    ),
    body: (spec) => ({ storeName: spec.store_name }),
  }),
  datastore({
    name: 'oneLake',
    datastoreType: 'OneLake',
    type: 'one_lake',
    schema: fileObject(
      {
        ...shared,
        type: z.literal('one_lake'),
        one_lake_workspace_name: text,
        endpoint: text,
        artifact: object({ name: text, type: snakeWord(['lake_house']).optional() }, []),
        tags: plainTexts.optional(),
        credentials: oneLakeCredentials,
      },
      ['id'],
    ),
    body: (spec) => ({
      artifact: { artifactName: spec.artifact.name, artifactType: 'LakeHouse' },
      oneLakeWorkspaceName: spec.one_lake_workspace_name,
      endpoint: spec.endpoint,
    }),
  }),
];
