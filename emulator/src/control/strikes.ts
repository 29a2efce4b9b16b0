import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatorContext } from '../context.js';
import { AzureError, resourceNotFound } from '../errors.js';
import { FAILURES } from '../faults.js';
import type { Conditions, FaultAnswer } from '../faults.js';
import { parseArmId, typeOf } from '../ids.js';
import { getResource } from '../resources.js';
import { createBuckets } from './token-bucket.js';

/**
 * Lets faults and conditions strike the requests that `exempt` does not spare; `hungUp` is told of those that get no
 * answer. Returns what tells of a request by what it was struck: a fault's kind, `throttled` or `missing`.
 */
export function addStrikes(
  app: FastifyInstance,
  ctx: EmulatorContext,
  exempt: (request: FastifyRequest) => boolean,
  hungUp: (request: FastifyRequest) => void,
): (request: FastifyRequest) => string | undefined {
  const afterwards = new WeakMap<FastifyRequest, FaultAnswer>();
  const struck = new WeakMap<FastifyRequest, string>();
  const buckets = createBuckets();
  app.addHook('onRequest', async (request, reply) => {
    if (exempt(request)) return;
    const { conditions } = ctx.faults;
    struck.set(request, 'throttled');
    throttle(buckets, conditions, request, reply);
    struck.set(request, 'missing');
    requireVisible(ctx, conditions, request);
    struck.delete(request);
    const fault = ctx.faults.forRequest(request.method, request.url);
    if (fault === undefined || fault === 'hang') return;
    struck.set(request, kindOf(fault));
    if (fault === 'hangup') {
      reply.hijack();
      request.raw.socket.destroy();
      hungUp(request);
    } else if (typeof fault === 'string') afterwards.set(request, fault);
    else if ('delayMs' in fault) await sleep(fault.delayMs);
    else await answer(request, reply, fault);
  });
  app.addHook('onSend', (request, _reply, payload: unknown, done) => {
    const fault = afterwards.get(request);
    if (fault === 'lost') request.raw.socket.destroy();
    done(null, fault === 'cut' ? halfOf(payload) : payload);
  });
  return (request) => struck.get(request);
}

function kindOf(fault: FaultAnswer): string {
  if (typeof fault === 'string') return fault;
  if ('delayMs' in fault) return `slow by ${fault.delayMs} ms`;
  return 'failure' in fault ? fault.failure : fault.code;
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  fault: Extract<FaultAnswer, { status: number } | { failure: string }>,
): FastifyReply {
  if ('failure' in fault) {
    const { failure } = fault;
    return reply.code(400).send(bodyOf(request, failure, FAILURES[failure]));
  }
  const { status, code, message, headers } = fault;
  return reply
    .code(status)
    .headers(headers ?? {})
    .send(bodyOf(request, code, message));
}

/** GitHub's errors have another shape than Azure's. */
function bodyOf(request: FastifyRequest, code: string, message: string): unknown {
  return /^\/(?:github|api\/v3)\b/i.test(request.url) ? { message, code } : { error: { code, message } };
}

/** Ends in the midst of the body, without its last chunk. */
function halfOf(payload: unknown): unknown {
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
  const half = payload.slice(0, Math.ceil(payload.length / 2));
  return Readable.from(
    (async function* () {
      yield await Promise.resolve(half);
      throw new Error('Cut by a fault of the emulator.');
    })(),
    { objectMode: false },
  );
}

const KINDS: Readonly<Record<string, 'reads' | 'deletes'>> = {
  GET: 'reads',
  HEAD: 'reads',
  DELETE: 'deletes',
};

/** As Resource Manager throttles: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
function throttle(
  buckets: ReturnType<typeof createBuckets>,
  conditions: Conditions,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const subscription = /^\/subscriptions\/([^/?]+)/i.exec(request.url)?.[1];
  const kind = KINDS[request.method] ?? 'writes';
  const size = conditions.throttle?.[kind];
  if (subscription === undefined || size === undefined) return;
  const { remaining, waitSeconds } = buckets.take(`${subscription}/${kind}`, size);
  void reply.header(`x-ms-ratelimit-remaining-subscription-${kind}`, String(remaining));
  if (waitSeconds === 0) return;
  void reply.header('Retry-After', String(waitSeconds));
  throw new AzureError(
    429,
    'SubscriptionRequestsThrottled',
    `Number of ${kind} for subscription '${subscription}' exceeded the limit. Please try again after '${waitSeconds}' seconds.`,
  );
}

/** Azure's stores agree after a while: what has just been made may not be found yet. */
function requireVisible(ctx: EmulatorContext, { missingMs }: Conditions, request: FastifyRequest): void {
  if (missingMs === undefined || request.method !== 'GET') return;
  const path = decodeURI(request.url.split('?')[0] ?? '');
  const id = parseArmId(path);
  const found = id === undefined ? undefined : getResource(ctx.store, path);
  if (id === undefined || found === undefined) return;
  if (Date.now() - Date.parse(found.systemData.createdAt) >= missingMs) return;
  throw resourceNotFound(`${typeOf(id)}/${found.name}`, id.resourceGroup ?? '');
}
