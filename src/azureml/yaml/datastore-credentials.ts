import { z } from 'zod';
import type { Json } from '../types.js';
import { compact, firstOf, isMapping, object, text } from './fields.js';
import type { Problem } from './kind.js';

/** `authority_uri` is the older name of `authority_url`. */
const renamed = (schema: z.ZodType<Json>) =>
  z.preprocess((value) => {
    if (!isMapping(value) || 'authority_url' in value || !('authority_uri' in value)) return value;
    const { authority_uri: url, ...rest } = value;
    return { ...rest, authority_url: url };
  }, schema);

const tenant = {
  authority_url: text.optional(),
  resource_url: text.optional(),
  tenant_id: text,
  client_id: text,
};
const accountKey: z.ZodType<Json> = object({ account_key: text }, []);
const sasToken: z.ZodType<Json> = object({ sas_token: text }, []);
const servicePrincipal = renamed(object({ ...tenant, client_secret: text }, []));
const certificate = renamed(object({ ...tenant, certificate: text.optional(), thumbprint: text }, []));
const none: z.ZodType<Json> = object({}, []);

/** What opens Blob and File Storage. */
export const storageCredentials = firstOf<Json>(accountKey, sasToken, none).optional();
/** What opens a data lake. */
export const lakeCredentials = firstOf<Json>(servicePrincipal, certificate, none).optional();
/** What opens a lakehouse of Fabric. */
export const oneLakeCredentials = firstOf<Json>(servicePrincipal, none).optional();

const secretKeys = ['account_key', 'sas_token', 'client_secret', 'certificate'];

/** A file in a repository is no place for a secret. */
export function openSecret(credentials: Json | undefined): Problem[] {
  const key = secretKeys.find((name) => credentials?.[name] !== undefined);
  if (key === undefined) return [];
  return [
    {
      path: ['credentials', key],
      message: 'this file holds a secret; anybody who can read the repository can read it',
      fix: 'leave credentials out and give the workspace’s identity a role on the storage account',
      severity: 'warning',
    },
  ];
}

const LOGIN = 'https://login.microsoftonline.com';

export function credentialsBody(spec: Json = {}): Json {
  if (spec['account_key'] !== undefined) {
    return {
      secrets: { key: spec['account_key'], secretsType: 'AccountKey' },
      credentialsType: 'AccountKey',
    };
  }
  if (spec['sas_token'] !== undefined) {
    return { secrets: { sasToken: spec['sas_token'], secretsType: 'Sas' }, credentialsType: 'Sas' };
  }
  if (spec['tenant_id'] === undefined) return { credentialsType: 'None' };
  const body = {
    authorityUrl: spec['authority_url'] ?? LOGIN,
    resourceUrl: spec['resource_url'],
    tenantId: spec['tenant_id'],
    clientId: spec['client_id'],
  };
  if (spec['client_secret'] !== undefined) {
    const secrets = { clientSecret: spec['client_secret'], secretsType: 'ServicePrincipal' };
    return compact({ ...body, secrets, credentialsType: 'ServicePrincipal' });
  }
  const secrets = compact({ certificate: spec['certificate'], secretsType: 'Certificate' });
  return compact({ ...body, thumbprint: spec['thumbprint'], secrets, credentialsType: 'Certificate' });
}
