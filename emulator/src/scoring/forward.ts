import { ask } from './ask.js';
import type { InstanceGroup } from './group.js';
import { Instance } from './instance.js';
import type { DeploymentSpec } from './spec.js';
import { within } from './within.js';

/** A request to score, as far as the model sees it. */
export interface ScoreRequest {
  readonly method: string;
  readonly body: Buffer | undefined;
  readonly headers: Record<string, string>;
}

/** What the model, or the router in its place, answered. */
export interface ScoreAnswer {
  /** What the client gets. */
  readonly status: number;
  readonly reason: string;
  /** What the model answered; undefined when the request did not reach it or it gave no answer in time. */
  readonly modelStatus: number | undefined;
  readonly modelReason: string;
  readonly instance: string | undefined;
  readonly contentType: string;
  readonly body: Buffer;
}

const JSON_TYPE = 'application/json';

/** An answer of the router itself. */
export function problem(status: number, reason: string, message: string, instance?: string): ScoreAnswer {
  const body = Buffer.from(JSON.stringify({ error: { code: reason, message } }));
  return { status, reason, modelStatus: undefined, modelReason: '', instance, contentType: JSON_TYPE, body };
}

class QueueTooLong extends Error {}

/**
 * Sends a request to the least busy instance, as soon as one has room: 429 above `2 × maxConcurrent × instances` requests
 * at once, 408 after the request timeout, which counts the wait for room too, 424 when the model answers 400 or above
 * or dies over it. https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#http-status-codes
 * On Kubernetes a request that waits longer than `maxQueueWait` is 503, as `max_request_wait_time` of its services.
 */
export async function forward(
  group: InstanceGroup,
  path: string,
  request: ScoreRequest,
): Promise<ScoreAnswer> {
  const { spec } = group;
  const limit = 2 * spec.maxConcurrentPerInstance * spec.instances;
  if (group.slots.busy >= limit)
    return problem(
      429,
      'TooManyRequests',
      `Deployment ${spec.name} is at its limit of ${limit} requests at once (2 × ${spec.maxConcurrentPerInstance} concurrent × ${spec.instances} instances).`,
    );
  const timeout = AbortSignal.timeout(spec.requestTimeoutMs);
  const instance = await enter(group, timeout).catch((error: unknown) => error);
  if (!(instance instanceof Instance)) return notEntered(spec, instance, timeout.aborted);
  try {
    return await send(`${instance.url}${path}`, instance.id, request, timeout);
  } catch (error) {
    if (timeout.aborted) return late(spec, instance.id);
    return modelError(502, 'Bad Gateway', JSON_TYPE, Buffer.from(reasonOf(error)), instance.id);
  } finally {
    group.slots.giveBack(instance);
  }
}

/** Waits for an instance with room. */
function enter({ spec, slots }: InstanceGroup, timeout: AbortSignal): Promise<Instance> {
  if (spec.maxQueueWaitMs === Infinity) return slots.take(timeout);
  return within(spec.maxQueueWaitMs, timeout, new QueueTooLong(), (signal) => slots.take(signal));
}

function late({ requestTimeoutMs }: DeploymentSpec, instance?: string): ScoreAnswer {
  const message = `The model did not answer within ${requestTimeoutMs} ms (requestSettings.requestTimeout).`;
  return problem(408, 'RequestTimeout', message, instance);
}

function notEntered(spec: DeploymentSpec, error: unknown, isLate: boolean): ScoreAnswer {
  if (isLate) return late(spec);
  const message =
    error instanceof QueueTooLong
      ? `The request waited longer than ${spec.maxQueueWaitMs} ms (requestSettings.maxQueueWait).`
      : `Deployment ${spec.name} takes no more requests: ${error instanceof Error ? error.message : String(error)}.`;
  return problem(503, 'ServiceUnavailable', message);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? `: ${error.message}` : '';
  const message = `The model's server gave no answer${cause}`;
  return JSON.stringify({ error: { code: 'BadGateway', message } });
}

async function send(
  url: string,
  instance: string,
  request: ScoreRequest,
  signal: AbortSignal,
): Promise<ScoreAnswer> {
  const { status, reason, headers, body } = await ask(url, request, signal);
  const contentType = headers['content-type'] ?? JSON_TYPE;
  if (status >= 400) return modelError(status, reason, contentType, body, instance);
  return { status, reason, modelStatus: status, modelReason: reason, instance, contentType, body };
}

function modelError(
  modelStatus: number,
  modelReason: string,
  contentType: string,
  body: Buffer,
  instance: string,
): ScoreAnswer {
  return { status: 424, reason: 'Failed Dependency', modelStatus, modelReason, instance, contentType, body };
}
