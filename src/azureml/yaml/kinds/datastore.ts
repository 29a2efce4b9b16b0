import type { z } from 'zod';
import type { Json } from '../../types.js';
import { common, compact, object, text, texts, word } from '../fields.js';
import { kind } from '../kind.js';

const schema = object({
  ...common,
  name: text,
  type: word(['azure_blob']),
  account_name: text,
  container_name: text,
  endpoint: text.optional(),
  protocol: word(['https', 'http', 'wasbs', 'abfss']).optional(),
  properties: texts.optional(),
  credentials: object({
    account_key: text.optional(),
    sas_token: text.optional(),
    tenant_id: text.optional(),
    client_id: text.optional(),
    client_secret: text.optional(),
    resource_url: text.optional(),
    authority_url: text.optional(),
  }).optional(),
});
type Datastore = z.infer<typeof schema>;

/** `az ml datastore create` for Blob Storage. */
export const azureBlob = kind<Datastore>({
  name: 'azureBlob',
  roles: ['setup'],
  order: 2,
  detects: (value) => /^azure_?blob$/i.test(String(value['type'])),
  schema,
  check: (store) =>
    Promise.resolve(
      store.credentials?.account_key === undefined && store.credentials?.client_secret === undefined
        ? []
        : [
            {
              path: ['credentials'],
              message: 'this file holds a secret; anybody who can read the repository can read it',
              fix: 'leave credentials out and give the workspace’s identity a role on the storage account',
              severity: 'warning',
            },
          ],
    ),
  toRest: (store) => {
    const properties = compact({
      accountName: store.account_name,
      containerName: store.container_name,
      credentials: credentials(store.credentials),
      endpoint: store.endpoint ?? 'core.windows.net',
      protocol: store.protocol ?? 'https',
      tags: store.tags ?? {},
      description: store.description,
      properties: store.properties,
      datastoreType: 'AzureBlob',
    });
    return Promise.resolve({
      resource: `/datastores/${store.name}`,
      body: { properties },
      query: { skipValidation: 'true' },
    });
  },
});

function credentials(spec: Datastore['credentials']): Json {
  if (spec?.account_key !== undefined) {
    return { secrets: { key: spec.account_key, secretsType: 'AccountKey' }, credentialsType: 'AccountKey' };
  }
  if (spec?.sas_token !== undefined) {
    return { secrets: { sasToken: spec.sas_token, secretsType: 'Sas' }, credentialsType: 'Sas' };
  }
  if (spec?.client_secret === undefined) return { credentialsType: 'None' };
  return compact({
    tenantId: spec.tenant_id,
    clientId: spec.client_id,
    resourceUrl: spec.resource_url,
    authorityUrl: spec.authority_url,
    secrets: { clientSecret: spec.client_secret, secretsType: 'ServicePrincipal' },
    credentialsType: 'ServicePrincipal',
  });
}
