import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { quotas, setQuota } from '../arm/quota.js';
import { isLoopback, refuseOtherSites, requireLocalName } from '../browsers.js';
import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import { resourcesOf } from '../resources.js';
import { loggable, loggableQuery, withoutSecrets } from './request-log.js';
import type { LoggedRequest, RequestLog } from './request-log.js';
import { conditionsSchema, faultSchema, quotaSchema } from './schemas.js';
import { addStrikes } from './strikes.js';

const PREFIX = '/_emulator';
/** Where the web page lies, and the addresses of Azure ML studio that lead there. */
export const STUDIO = '/studio';
const PAGES = /^\/($|studio(\/|$)|(runs|model|data|endpoints\/realtime|endpoints\/batch)\/:name)/;

/** Refuses other sites' pages, logs every request, lets faults strike, and adds the control API under `/_emulator` (loopback only). */
export function registerControl(app: FastifyInstance, ctx: EmulatorContext, log: RequestLog): void {
  app.addHook('onRequest', async (request) => {
    refuseOtherSites(request, ctx.publicUrl());
    if (isControl(request)) requireLoopback(request);
    return Promise.resolve();
  });
  const faultOf = addStrikes(app, ctx, isControl, (request) => {
    logRequest(log, request, 0, 0, faultOf(request));
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (!isControl(request)) logRequest(log, request, reply.statusCode, reply.elapsedTime, faultOf(request));
    done();
  });
  registerControlRoutes(app, ctx, log);
}

function logRequest(
  log: RequestLog,
  request: FastifyRequest,
  status: number,
  elapsed: number,
  fault: string | undefined,
): void {
  const path = request.url.split('?')[0] ?? '';
  const withBody = /^\/subscriptions\//i.test(path) && ['PUT', 'POST', 'PATCH'].includes(request.method);
  log.add({
    time: new Date().toISOString(),
    method: request.method,
    path: safeDecode(path),
    query: loggableQuery(request.query),
    status,
    durationMs: Math.round(elapsed),
    ...(withBody ? { body: loggable(request.body) } : {}),
    ...(fault === undefined ? {} : { fault }),
  });
}

function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The emulator's own pages belong to it. By the route, not the address: `/%5Femulator` and `/_EMULATOR` lead there too. */
function isControl(request: FastifyRequest): boolean {
  const url = request.routeOptions.url ?? '';
  return url.startsWith(PREFIX) || PAGES.test(url);
}

function requireLoopback(request: FastifyRequest): void {
  if (!isLoopback(request))
    throw new AzureError(
      403,
      'AuthorizationFailed',
      'The control API answers on the loopback interface only.',
    );
  requireLocalName(request);
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new AzureError(400, 'InvalidRequestContent', z.prettifyError(result.error));
}

interface RequestQuery {
  readonly since?: string;
  readonly method?: string;
  readonly path?: string;
  readonly status?: string;
}

/** By number, method, a part of the path, status (`409`, or `4xx`). */
function select(log: RequestLog, { since, method, path, status }: RequestQuery): LoggedRequest[] {
  const from = Number(since ?? 0);
  if (!Number.isFinite(from)) throw new AzureError(400, 'InvalidParameter', 'since must be a number.');
  const hasStatus = new RegExp(`^${(status ?? '...').replaceAll(/[^0-9]/g, '.')}$`);
  return log
    .since(from)
    .filter((entry) => method === undefined || entry.method === method.toUpperCase())
    .filter((entry) => path === undefined || entry.path.toLowerCase().includes(path.toLowerCase()))
    .filter((entry) => status === undefined || hasStatus.test(String(entry.status)));
}

/** Every resource as it could be put again: parents first, without secrets and what the service adds. */
function exported(ctx: EmulatorContext): Record<string, unknown>[] {
  const resources = resourcesOf(ctx.store).list('/subscriptions/');
  const shown = resources.map(({ value: { id, location, tags, sku, identity, kind, properties } }) => {
    return { id, location, tags, sku, identity, kind, properties: withoutSecrets(properties) };
  });
  return shown.sort((a, b) => a.id.split('/').length - b.id.split('/').length);
}

function registerControlRoutes(app: FastifyInstance, ctx: EmulatorContext, log: RequestLog): void {
  app.get<{ Querystring: RequestQuery }>(`${PREFIX}/requests`, ({ query }) => ({
    value: select(log, query),
  }));
  app.get(`${PREFIX}/faults`, () => ({ value: ctx.faults.list() }));
  app.post(`${PREFIX}/faults`, async (request, reply) => {
    const { match, times, answer } = parsed(faultSchema, request.body);
    return reply.code(201).send(ctx.faults.add(match, answer, times));
  });
  app.get(`${PREFIX}/conditions`, () => ctx.faults.conditions);
  app.put(`${PREFIX}/conditions`, (request) => {
    ctx.faults.conditions = parsed(conditionsSchema, request.body ?? {});
    return ctx.faults.conditions;
  });
  app.delete(`${PREFIX}/faults`, async (_request, reply) => {
    ctx.faults.clear();
    return reply.code(204).send();
  });
  app.get(`${PREFIX}/quota`, () => ({ value: quotas(ctx) }));
  app.post(`${PREFIX}/quota`, (request) => {
    const { instanceType, cores, instances } = parsed(quotaSchema, request.body);
    const unlimited = cores === undefined && instances === undefined;
    setQuota(ctx, instanceType, unlimited ? undefined : { cores, instances });
    return { value: quotas(ctx) };
  });
  app.get(`${PREFIX}/state`, () => {
    const resources = resourcesOf(ctx.store).list();
    return {
      resources: resources.map(({ value }) => ({
        id: value.id,
        type: value.type,
        state: value.properties['status'] ?? value.properties['provisioningState'],
      })),
      faults: ctx.faults.list(),
      quota: quotas(ctx),
    };
  });
  app.get(`${PREFIX}/export`, () => ({ resources: exported(ctx) }));
  app.get(`${PREFIX}/healthz`, async () => {
    await ctx.blob.ready;
    return { status: 'ok', url: ctx.baseUrl(), blobUrl: ctx.blob.url };
  });
}
