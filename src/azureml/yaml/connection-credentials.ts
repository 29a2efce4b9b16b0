import type { z } from 'zod';
import type { Json } from '../types.js';
import { compact, object, snakeWord, text, variant } from './fields.js';

/** As the file writes it → as Azure does, and what belongs to it: the file's key → Azure's. */
const sorts = {
  pat: { authType: 'PAT', keys: { pat: 'pat' } },
  sas: { authType: 'SAS', keys: { sas_token: 'sas' } },
  username_password: { authType: 'UsernamePassword', keys: { username: 'username', password: 'password' } },
  managed_identity: {
    authType: 'ManagedIdentity',
    keys: { client_id: 'clientId', resource_id: 'resourceId' },
    optional: true,
  },
  service_principal: {
    authType: 'ServicePrincipal',
    keys: { client_id: 'clientId', client_secret: 'clientSecret', tenant_id: 'tenantId' },
  },
  access_key: {
    authType: 'AccessKey',
    keys: { access_key_id: 'accessKeyId', secret_access_key: 'secretAccessKey' },
  },
  api_key: { authType: 'ApiKey', keys: { key: 'key' } },
  // The account's key travels as a shared access signature: the official client's own mix-up.
  account_key: { authType: 'AccountKey', keys: { account_key: 'sas' } },
  aad: { authType: 'AAD', keys: {} },
  none: { authType: 'None', keys: {} },
} as const satisfies Record<
  string,
  { authType: string; keys: Readonly<Record<string, string>>; optional?: boolean }
>;

export type CredentialsName = keyof typeof sorts;
export type Credentials = Json & { readonly type: CredentialsName };

/** `credentials:` of a connection, of one of these sorts. */
export function connectionCredentials(names: readonly CredentialsName[]): z.ZodType<Credentials> {
  const schemas = names.map((name) => {
    const { keys, ...sort } = sorts[name];
    const shape = Object.fromEntries(
      Object.keys(keys).map((key) => [key, 'optional' in sort ? text.optional() : text]),
    );
    return [name, object({ type: snakeWord([name]), ...shape }, [])] as const;
  });
  return variant('type', Object.fromEntries(schemas) as unknown as Record<string, z.ZodType<Credentials>>);
}

/** `credentials` and `authType`; sorts without a secret send no credentials. */
export function credentialsPart(credentials: Credentials): Json {
  const { authType, keys } = sorts[credentials.type];
  if (credentials.type === 'aad' || credentials.type === 'none') return { authType };
  const body = Object.entries(keys).map(([key, name]) => [name, credentials[key]]);
  return { credentials: compact(Object.fromEntries(body) as Json), authType };
}

export const allCredentials = Object.keys(sorts) as CredentialsName[];
