import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { quotas, setQuota } from '../arm/quota.js';
import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import type { FaultAnswer } from '../faults.js';
import { resourcesOf } from '../resources.js';
import { loggable, loggableQuery } from './request-log.js';
import type { RequestLog } from './request-log.js';

const PREFIX = '/_emulator';

const answerSchema = z.union([
  z.strictObject({
    status: z.number().int().min(100).max(599),
    code: z.string().min(1),
    message: z.string().default('Ordered by a fault of the emulator.'),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  z.strictObject({ delayMs: z.number().int().min(0).max(600_000) }),
  z.literal('hangup'),
]);

const faultSchema = z.strictObject({
  match: z
    .strictObject({
      method: z.string().optional(),
      path: z.string().min(1).optional(),
      operation: z.string().min(1).optional(),
    })
    .refine(
      ({ path, operation }) => path !== undefined || operation !== undefined,
      'path or operation is required',
    ),
  times: z.number().int().min(1).max(1_000_000).default(1),
  answer: answerSchema,
});

const count = z.number().int().min(0).optional();
const quotaSchema = z.strictObject({ instanceType: z.string().min(1), cores: count, instances: count });

/** Logs every request, lets faults strike, and adds the control API under `/_emulator` (loopback only). */
export function registerControl(app: FastifyInstance, ctx: EmulatorContext, log: RequestLog): void {
  app.addHook('onRequest', async (request, reply) => {
    if (isControl(request)) {
      requireLoopback(request);
      return;
    }
    const fault = ctx.faults.forRequest(request.method, request.url);
    if (fault === undefined) return;
    if (fault === 'hangup') {
      reply.hijack();
      request.raw.socket.destroy();
      logRequest(log, request, 0, 0);
      return;
    }
    if ('delayMs' in fault) await sleep(fault.delayMs);
    else
      await reply
        .code(fault.status)
        .headers(fault.headers ?? {})
        .send(faultBody(request, fault));
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (!isControl(request)) logRequest(log, request, reply.statusCode, reply.elapsedTime);
    done();
  });
  registerControlRoutes(app, ctx, log);
}

/** GitHub's errors have another shape than Azure's. */
function faultBody(
  request: FastifyRequest,
  fault: Exclude<FaultAnswer, 'hangup' | { delayMs: number }>,
): unknown {
  const { code, message } = fault;
  return /^\/(?:github|api\/v3)\b/i.test(request.url) ? { message, code } : { error: { code, message } };
}

function logRequest(log: RequestLog, request: FastifyRequest, status: number, elapsed: number): void {
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
  });
}

function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** By the route, not the address: `/%5Femulator` and `/_EMULATOR` lead there too. */
function isControl(request: FastifyRequest): boolean {
  return request.routeOptions.url?.startsWith(PREFIX) === true;
}

function requireLoopback(request: FastifyRequest): void {
  const address = request.ip.replace(/^::ffff:/, '');
  if (address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))) return;
  throw new AzureError(403, 'AuthorizationFailed', 'The control API answers on the loopback interface only.');
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new AzureError(400, 'InvalidRequestContent', z.prettifyError(result.error));
}

function registerControlRoutes(app: FastifyInstance, ctx: EmulatorContext, log: RequestLog): void {
  app.get<{ Querystring: { since?: string } }>(`${PREFIX}/requests`, (request) => {
    const since = Number(request.query.since ?? 0);
    if (!Number.isFinite(since)) throw new AzureError(400, 'InvalidParameter', 'since must be a number.');
    return { value: log.since(since) };
  });
  app.get(`${PREFIX}/faults`, () => ({ value: ctx.faults.list() }));
  app.post(`${PREFIX}/faults`, async (request, reply) => {
    const { match, times, answer } = parsed(faultSchema, request.body);
    const { headers, ...rest } =
      typeof answer === 'object' && 'status' in answer ? answer : { headers: undefined };
    const plain =
      typeof answer === 'object' && 'status' in answer
        ? { ...rest, ...(headers ? { headers } : {}) }
        : answer;
    return reply.code(201).send(ctx.faults.add(match, plain as FaultAnswer, times));
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
  app.get(`${PREFIX}/healthz`, async () => {
    await ctx.blob.ready;
    return { status: 'ok', url: ctx.baseUrl(), blobUrl: ctx.blob.url };
  });
}
