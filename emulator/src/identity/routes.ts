import type { FastifyInstance } from 'fastify';
import { createHmac } from 'node:crypto';
import { discovery } from '../arm/registries.js';
import { ACCOUNT } from '../blob/azurite-process.js';
import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import { TENANT } from '../ids.js';
import { requestBase } from '../server.js';
import { CLOUD } from '../setup/variables.js';

const LIFE = 24 * 3600;

/** Where clients learn about this cloud and get tokens, which nobody checks. */
export function registerIdentity(app: FastifyInstance, ctx: EmulatorContext): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(String(body))));
    },
  );

  app.get('/metadata/endpoints', (request) => [cloud(requestBase(request))]);

  // The form of App Service and Azure ML: IDENTITY_ENDPOINT and IDENTITY_HEADER.
  app.get<{ Querystring: { resource?: string } }>('/msi/token', (request) => {
    const { resource } = request.query;
    if (resource === undefined)
      throw new AzureError(400, 'invalid_request', 'The query parameter resource is required.');
    return { ...token(resource), expires_on: String(expiry()), resource, client_id: TENANT };
  });

  app.post<{ Params: { tenant: string }; Body: Record<string, string> | undefined }>(
    '/:tenant/oauth2/v2.0/token',
    (request) => {
      const scope = request.body?.['scope']?.split(' ')[0] ?? `${requestBase(request)}/.default`;
      return { ...token(scope.replace(/\/?\.default$/, '')), expires_in: LIFE, ext_expires_in: LIFE };
    },
  );

  app.get<{ Params: { tenant: string } }>('/:tenant/v2.0/.well-known/openid-configuration', (request) => {
    const authority = `${requestBase(request)}/${request.params.tenant}`;
    return {
      issuer: `${authority}/v2.0`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
    };
  });

  app.get<{ Params: { registry: string } }>(
    '/registrymanagement/v1.0/registries/:registry/discovery',
    (request) => discovery(ctx, request.params.registry, ctx.publicUrl(requestBase(request))),
  );

  // A workspace's discoveryUrl: one host is every service.
  app.get('/discovery', (request) => {
    const names = [
      'api',
      'catalog',
      'experimentation',
      'history',
      'modelmanagement',
      'pipelines',
      'studio',
      'metrics',
    ];
    return Object.fromEntries(names.map((name) => [name, requestBase(request)]));
  });
}

/**
 * What `azure-ai-ml` builds its hosts from. Blob's address becomes `https://{account}.blob.{suffix}/{container}`: the user
 * name in it puts account and container behind this host's name, which needs no name server and keeps the account's name
 * where the SDK looks for it to sign with its key. Hosts that are made from the portal's name lead nowhere (RFC 2606).
 */
function cloud(base: string): unknown {
  const host = new URL(base).host;
  return {
    name: CLOUD,
    portal: 'https://portal.azure.emulator.invalid',
    resourceManager: base,
    authentication: { loginEndpoint: base, audiences: [base], tenant: 'common', identityProvider: 'AAD' },
    suffixes: {
      storage: `core.emulator@${host}/${ACCOUNT}`,
      keyVaultDns: 'vault.azure.net',
      acrLoginServer: 'azurecr.io',
    },
  };
}

function expiry(): number {
  return Math.floor(Date.now() / 1000) + LIFE;
}

/** A JWT that clients can read: `aud` is the resource asked for. */
function token(audience: string): { access_token: string; token_type: string } {
  const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const claims = {
    aud: audience,
    iss: 'azureml-emulator',
    oid: TENANT,
    tid: TENANT,
    name: 'Local User',
    exp: expiry(),
  };
  const unsigned = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  const signature = createHmac('sha256', 'azureml-emulator').update(unsigned).digest('base64url');
  return { access_token: `${unsigned}.${signature}`, token_type: 'Bearer' };
}
