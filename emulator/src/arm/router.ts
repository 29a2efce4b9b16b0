import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AzureError } from '../errors.js';
import { parseArmId, typeOf } from '../ids.js';
import type { ArmId } from '../ids.js';
import type { Json } from '../resources.js';
import { requestBase } from '../server.js';
import { isJson, requireParents } from './crud.js';
import { notEmulated } from './not-emulated.js';
import { authorize } from './permissions.js';
import { operationReply } from './replies.js';
import { requireLocation } from './tracked.js';
import type { ArmHandler, ArmReply, ArmRequest, ArmServices, ResourceType } from './types.js';

/** Answers requests whose path has no resource type of its own. */
export interface Scopes {
  handle(request: ArmRequest): ArmReply | Promise<ArmReply> | undefined;
}

/** Sends a request to the type that owns its path; also the way in for resources of an ARM template. */
export type Dispatch = (request: ArmRequest) => Promise<ArmReply>;

/** The routing of Resource Manager: one table of resource types, whatever the spelling of the path. */
export function createDispatch(arm: ArmServices, types: readonly ResourceType[], scopes: Scopes): Dispatch {
  const table = new Map(types.map((type) => [type.type.toLowerCase(), type]));
  return async (request) => {
    const operation = /\/\w*operations?(?:results|status|statuses)\/([^/]+)$/i.exec(request.path)?.[1];
    if (operation !== undefined) return operationReply(arm, request, operation);
    const permissions = authorize(arm.ctx, request);
    if (permissions !== undefined) return permissions;
    const scoped = await scopes.handle(request);
    if (scoped !== undefined) return scoped;
    const handler = find(table, request);
    requireParents(arm.ctx, request);
    requireLocation(arm.ctx, request);
    return handler(request);
  };
}

function find(table: ReadonlyMap<string, ResourceType>, request: ArmRequest): ArmHandler {
  const { id, method } = request;
  const last = id.path.at(-1);
  const onCollection = last !== undefined && last[1] === undefined;
  const owner = table.get(typeOf(id).toLowerCase());
  if (!onCollection) return verb(owner, method, id);
  if (method === 'GET' && owner?.list !== undefined) return owner.list;
  const parent = table.get(typeOf({ ...id, path: id.path.slice(0, -1) }).toLowerCase());
  const action = parent?.actions?.[last[0].toLowerCase()];
  if (action !== undefined && method === 'POST') {
    return (asked) => action({ ...asked, path: asked.path.slice(0, asked.path.lastIndexOf('/')) });
  }
  const missing = notEmulated(id.path.map(([type]) => type));
  if (missing !== undefined) throw missing;
  throw owner === undefined ? invalidType(id) : notAllowed(method, id);
}

function verb(owner: ResourceType | undefined, method: string, id: ArmId): ArmHandler {
  if (owner === undefined) throw notEmulated(id.path.map(([type]) => type)) ?? invalidType(id);
  const { get, put, patch, post, remove } = owner;
  const handler = { GET: get, HEAD: get, PUT: put, PATCH: patch, POST: post, DELETE: remove }[method];
  if (handler === undefined) throw notAllowed(method, id);
  return handler;
}

function invalidType(id: ArmId): AzureError {
  return new AzureError(
    404,
    'InvalidResourceType',
    `The resource type '${id.path.map(([type]) => type).join('/')}' could not be found in the namespace '${id.provider ?? ''}' of this emulator.`,
  );
}

function notAllowed(method: string, id: ArmId): AzureError {
  return new AzureError(405, 'MethodNotAllowed', `The method ${method} is not supported on '${typeOf(id)}'.`);
}

/** Where the service itself is reached beside Resource Manager: registries and batch jobs are asked for there. */
const DIRECT = '/mferp/managementfrontend';

const LARGEST_REQUEST = 4 * 1024 * 1024;

/** Adds `/subscriptions/…`: authorisation and api-version first, as Resource Manager does. */
export function registerRoutes(app: FastifyInstance, dispatch: Dispatch): void {
  const handler = async (request: FastifyRequest) => {
    requireToken(request);
    return dispatch(armRequest(request));
  };
  const direct = `${DIRECT}/subscriptions/*`;
  for (const url of ['/subscriptions', '/subscriptions/*', '/providers', '/providers/*', direct]) {
    app.route({
      method: ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE'],
      url,
      bodyLimit: LARGEST_REQUEST,
      handler: async (request, reply) => {
        const { status, body, headers } = await handler(request);
        return reply
          .code(status)
          .headers(headers ?? {})
          .send(body);
      },
    });
  }
}

/** Indexes lie in a service of their own that clients find by discovery. */
export function registerGenericAssets(app: FastifyInstance): void {
  app.all('/genericasset/*', (request) => {
    requireToken(request);
    throw notEmulated(['workspaces', 'indexes']) ?? new Error('no reason is told for indexes');
  });
}

/** 401 without a bearer token, whatever it is. */
export function requireToken(request: FastifyRequest): void {
  if (/^Bearer \S+/i.test(request.headers.authorization ?? '')) return;
  throw new AzureError(
    401,
    'AuthenticationFailed',
    "Authentication failed. The 'Authorization' header is missing: send 'Bearer <any token>'.",
  );
}

function armRequest(request: FastifyRequest): ArmRequest {
  const path = armPath(decode(request.url.split('?')[0] ?? ''));
  const query = flatten(request.query);
  requireSegments(path);
  requireApiVersion(query['api-version']);
  const id = parseArmId(path) ?? {
    subscription: '',
    resourceGroup: undefined,
    provider: undefined,
    path: [],
    scope: path,
  };
  return {
    ...{ method: request.method, path, id, query, body: bodyOf(request.body), base: requestBase(request) },
    userAgent: request.headers['user-agent'],
  };
}

/** Old clients leave the provider out of a template deployment's path. */
function armPath(path: string): string {
  return path
    .slice(path.toLowerCase().startsWith(DIRECT) ? DIRECT.length : 0)
    .replace(/\/+$/, '')
    .replace(
      /^(\/subscriptions\/[^/]+\/resourcegroups\/[^/]+)\/deployments(?=\/|$)/i,
      '$1/providers/Microsoft.Resources/deployments',
    );
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new AzureError(400, 'InvalidRequestUri', `The path '${path}' is not a valid URL path.`);
  }
}

/** No name may lead elsewhere when it becomes a part of a path, or hide from whoever reads it. */
function requireSegments(path: string): void {
  const bad = path.split('/').find((part) => part === '.' || part === '..' || /[\p{Cc}\\]/u.test(part));
  if (bad === undefined) return;
  throw new AzureError(
    400,
    'InvalidResourceName',
    `Resource name ${JSON.stringify(bad)} is invalid: '.', '..', backslashes and control characters are not allowed.`,
  );
}

/** A parameter given twice counts once, by its last value. */
function flatten(query: unknown): Record<string, string> {
  const entries = Object.entries((query ?? {}) as Record<string, string | string[]>);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Array.isArray(value) ? (value.at(-1) ?? '') : value]),
  );
}

/** Resource Manager has no older one of any provider that the emulator has. */
const FIRST_API_VERSION = '2014-04-01';

function requireApiVersion(version: string | undefined): void {
  if (version === undefined || version === '') {
    throw new AzureError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  }
  if (!/^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(-\w+)?$/.test(version)) {
    throw new AzureError(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${version}' is invalid. It is a date such as 2024-04-01.`,
    );
  }
  const date = version.slice(0, 10);
  if (date >= FIRST_API_VERSION && date <= new Date().toISOString().slice(0, 10)) return;
  throw new AzureError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for API version '${version}'. The supported api-versions are those from ${FIRST_API_VERSION} until today, such as 2024-04-01.`,
  );
}

function bodyOf(body: unknown): Json {
  if (body === undefined || body === null || body === '') return {};
  if (isJson(body)) return body;
  throw new AzureError(
    400,
    'InvalidRequestContent',
    'The request content was invalid: a JSON object is expected.',
  );
}
