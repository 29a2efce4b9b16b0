import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { getEndpoint } from './endpoints.js';
import { post } from './plain.js';
import type { ScoreResult } from './types.js';

interface Access {
  readonly scoringUri: string;
  readonly token: string;
  /** Milliseconds since the epoch after which it is fetched anew. */
  readonly until: number;
}

/** Keys and tokens stay in this process: they are neither answered nor logged. */
const granted = new WeakMap<AzureMl, Map<string, Access>>();

const KEEP_MS = 5 * 60_000;

export interface ScoreOptions {
  readonly deployment?: string;
  /** What the caller knows the request by, at most 100 characters. */
  readonly clientId?: string;
  readonly timeoutMs: number;
}

/**
 * One request to an endpoint, never repeated. Any HTTP status is a result (401 after a change of keys excepted, which
 * is tried once with the new key); no answer within `timeoutMs` is a result of status 408. `deployment` picks one
 * whatever the traffic.
 */
export async function score(
  ml: AzureMl,
  endpoint: string,
  body: string,
  options: ScoreOptions,
): Promise<ScoreResult> {
  const first = await ask(ml, endpoint, body, options);
  if (first.status !== 401) return first;
  granted.get(ml)?.delete(endpoint);
  return ask(ml, endpoint, body, options);
}

async function ask(ml: AzureMl, endpoint: string, body: string, options: ScoreOptions): Promise<ScoreResult> {
  const { scoringUri, token } = await access(ml, endpoint);
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    authorization: `Bearer ${token}`,
    ...(options.deployment === undefined ? {} : { 'azureml-model-deployment': options.deployment }),
    ...(options.clientId === undefined ? {} : { 'x-ms-client-request-id': options.clientId }),
  };
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  try {
    const request = {
      url: scoringUri,
      body,
      headers,
      timeoutMs: options.timeoutMs,
      operation: `score ${endpoint}`,
    };
    const answer = await post(request);
    return { ...answer, durationMs: elapsed() };
  } catch (thrown) {
    if (elapsed() < options.timeoutMs) throw thrown;
    return {
      status: 408,
      body: `no answer within ${options.timeoutMs} ms`,
      durationMs: elapsed(),
      headers: {},
    };
  }
}

async function access(ml: AzureMl, endpoint: string): Promise<Access> {
  const known = granted.get(ml) ?? new Map<string, Access>();
  granted.set(ml, known);
  const found = known.get(endpoint);
  if (found !== undefined && found.until > Date.now()) return found;
  const fresh = await fetchAccess(ml, endpoint);
  known.set(endpoint, fresh);
  return fresh;
}

async function fetchAccess(ml: AzureMl, endpoint: string): Promise<Access> {
  const view = await getEndpoint(ml, endpoint);
  if (view?.scoringUri === undefined) {
    throw new AzureError(
      `endpoint ${endpoint} ${view === undefined ? 'does not exist' : 'has no scoring address yet'}`,
      {
        code: 'EndpointNotFound',
        status: 404,
        target: endpoint,
        operation: `score ${endpoint}`,
      },
    );
  }
  const mode = view.authMode.toLowerCase();
  if (mode === 'aadtoken') {
    const token = await ml.connection.credential.getToken('https://ml.azure.com/.default');
    return { scoringUri: view.scoringUri, token: token?.token ?? '', until: Date.now() + KEEP_MS };
  }
  const action = mode === 'amltoken' ? 'token' : 'listKeys';
  const { body } = await ml.send({ method: 'POST', path: `/onlineEndpoints/${endpoint}/${action}` });
  const secret = body as { primaryKey?: string; accessToken?: string; expiryTimeUtc?: number };
  // Seconds or milliseconds since the epoch, depending on the API's age; the shorter of it and ours counts.
  const expiry = secret.expiryTimeUtc ?? Number.POSITIVE_INFINITY;
  const until = Math.min(Date.now() + KEEP_MS, expiry < 1e12 ? expiry * 1000 : expiry);
  return { scoringUri: view.scoringUri, token: secret.primaryKey ?? secret.accessToken ?? '', until };
}
