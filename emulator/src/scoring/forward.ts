import type { InstanceGroup } from './group.js';

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

/**
 * Sends a request to the least busy instance: 429 above `2 × maxConcurrent × instances` requests at once, 408 after the
 * request timeout, 424 when the model answers 400 or above or dies over it, 503 when no instance is healthy.
 */
export async function forward(
  group: InstanceGroup,
  path: string,
  request: ScoreRequest,
): Promise<ScoreAnswer> {
  const { spec } = group;
  const limit = 2 * spec.maxConcurrentPerInstance * spec.instances;
  if (group.inFlight() >= limit)
    return problem(
      429,
      'TooManyRequests',
      `Deployment ${spec.name} is at its limit of ${limit} requests at once (2 × ${spec.maxConcurrentPerInstance} concurrent × ${spec.instances} instances).`,
    );
  const instance = group.pick();
  if (instance === undefined)
    return problem(503, 'ServiceUnavailable', `No instance of deployment ${spec.name} is healthy.`);
  instance.inFlight += 1;
  const timeout = AbortSignal.timeout(spec.requestTimeoutMs);
  try {
    return await send(`${instance.url}${path}`, instance.id, request, timeout);
  } catch (error) {
    if (timeout.aborted)
      return problem(
        408,
        'RequestTimeout',
        `The model did not answer within ${spec.requestTimeoutMs} ms (requestSettings.requestTimeout).`,
        instance.id,
      );
    return modelError(502, 'Bad Gateway', JSON_TYPE, Buffer.from(reasonOf(error)), instance.id);
  } finally {
    instance.inFlight -= 1;
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  const message = `The model's server gave no answer${cause}`;
  return JSON.stringify({ error: { code: 'BadGateway', message } });
}

async function send(
  url: string,
  instance: string,
  { method, body, headers }: ScoreRequest,
  signal: AbortSignal,
): Promise<ScoreAnswer> {
  const answer = await fetch(url, {
    method,
    headers,
    signal,
    ...(body ? { body: new Uint8Array(body) } : {}),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const contentType = answer.headers.get('content-type') ?? JSON_TYPE;
  if (answer.status >= 400) return modelError(answer.status, answer.statusText, contentType, bytes, instance);
  const { status, statusText } = answer;
  return {
    status,
    reason: statusText,
    modelStatus: status,
    modelReason: statusText,
    instance,
    contentType,
    body: bytes,
  };
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
