import { createDefaultHttpClient, createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import type { AzureMl } from './client.js';
import { asAzureError, AzureError, errorFromBody } from './errors.js';
import type { Headers } from './errors.js';

/** Version of Azure ML's management API: the first stable one with `mirrorTraffic` and `dataCollector`. */
export const ML_API = '2024-04-01';

export interface Request {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** `/jobs/j1` below the workspace, `/subscriptions/…` below Resource Manager, or a whole address. */
  readonly path: string;
  /** Default ML_API; null leaves the address as it is. */
  readonly apiVersion?: string | null;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses besides 2xx that are answers, not errors. */
  readonly accept?: readonly number[];
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  /** Lower-cased names. */
  readonly headers: Headers;
  /** Parsed when it is JSON, else text; undefined when empty. */
  readonly body: unknown;
}

const http = createDefaultHttpClient();

export function isLoopback(url: string): boolean {
  const host = new URL(url).hostname;
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]' || host.endsWith('.localhost');
}

/**
 * Sends a body as it is, through the SDK's own pipeline (token, retries, telemetry) but past its serialiser, which
 * drops `uri` and `mode` of job inputs (Azure/azure-sdk-for-js#29328) and every field newer than its API version
 * (`mirrorTraffic`, `dataCollector`, `queueSettings`).
 */
export async function send(ml: AzureMl, request: Request): Promise<Answer> {
  const url = addressOf(ml, request);
  const operation = `${request.method} ${nameOf(ml, request.path)}`;
  const insecure = url.protocol === 'http:';
  if (insecure && !isLoopback(url.href)) {
    throw refused(`refused to ask ${url.host} without TLS`, operation);
  }
  const headers = createHttpHeaders({ accept: 'application/json', ...request.headers });
  if (request.body !== undefined) headers.set('content-type', 'application/json');
  if (insecure) headers.set('authorization', await looseToken(ml));
  const sent = createPipelineRequest({
    url: url.href,
    method: request.method,
    headers,
    allowInsecureConnection: insecure,
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    ...(request.timeoutMs === undefined ? {} : { timeout: request.timeoutMs }),
  });
  let response: PipelineResponse;
  try {
    response = await ml.sdk.pipeline.sendRequest(http, sent);
  } catch (thrown) {
    throw asAzureError(thrown, operation);
  }
  const answer = {
    status: response.status,
    headers: response.headers.toJSON(),
    body: parse(response.bodyAsText),
  };
  if (answer.status < 300 || request.accept?.includes(answer.status) === true) return answer;
  throw errorFromBody(answer.body, { operation, status: answer.status, headers: answer.headers });
}

function addressOf(ml: AzureMl, request: Request): URL {
  const { path } = request;
  const whole = /^https?:/.test(path);
  const url = new URL(whole ? path : `${ml.armUrl}${path.startsWith('/subscriptions/') ? '' : ml.id}${path}`);
  if (request.apiVersion !== null) url.searchParams.set('api-version', request.apiVersion ?? ML_API);
  for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.set(key, value);
  return url;
}

/** What people read in an error: no host, no subscription, no query (which may hold a signature). */
function nameOf(ml: AzureMl, path: string): string {
  const bare = (/^https?:/.test(path) ? new URL(path).pathname : path).replace(ml.id, '');
  return bare.replace(/^\/+/, '').replace(/^subscriptions\/[^/]+\//, '');
}

function parse(body: string | null | undefined): unknown {
  if (body === undefined || body === null || body === '') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

/** Header for plain http on loopback, where the SDK refuses to send a token. */
export async function looseToken(ml: AzureMl): Promise<string> {
  const token = await ml.connection.credential.getToken(`${ml.armUrl}/.default`);
  return `Bearer ${token?.token ?? 'none'}`;
}

/** The body of a GET, or undefined where Azure says 404. */
export async function getOrUndefined(
  ml: AzureMl,
  path: string,
  options: Pick<Request, 'apiVersion' | 'query'> = {},
): Promise<unknown> {
  const answer = await ml.send({ method: 'GET', path, accept: [404], ...options });
  return answer.status === 404 ? undefined : answer.body;
}

/** Every entry of a paged listing. */
export async function listAll(
  ml: AzureMl,
  path: string,
  options: Pick<Request, 'apiVersion' | 'query'> = {},
): Promise<unknown[]> {
  const found: unknown[] = [];
  let next: Request | undefined = { method: 'GET', path, accept: [404], ...options };
  while (next !== undefined) {
    const page = (await ml.send(next)).body as { value?: unknown[]; nextLink?: string } | undefined;
    found.push(...(page?.value ?? []));
    next = page?.nextLink ? { method: 'GET', path: trusted(ml, page.nextLink), apiVersion: null } : undefined;
  }
  return found;
}

/** No outage: asking again would be refused again. */
function refused(message: string, operation: string): AzureError {
  return new AzureError(message, { code: 'AddressRefused', status: 400, operation });
}

/** An address that Azure named, if it is one of Resource Manager's: our token is sent nowhere else. */
export function trusted(ml: AzureMl, url: string): string {
  if (new URL(url).origin !== new URL(ml.armUrl).origin) {
    throw refused(`refused to follow an address at ${new URL(url).host}`, 'follow');
  }
  return url;
}
