import type { AzureMl } from './client.js';
import { asAzureError, AzureError, errorFromBody, retryAfterMs } from './errors.js';
import { ML_API, trusted } from './transport.js';

/** A long-running operation as plain JSON: any worker can look at it, whoever began it. */
export interface OperationHandle {
  /** Address that tells the state; without it the resource itself is looked at. */
  readonly url?: string;
  /** ARM id. */
  readonly resource: string;
  readonly kind: 'put' | 'delete';
  /** API version of the resource; ML_API when absent. */
  readonly apiVersion?: string;
}

export type OperationState =
  | { readonly state: 'running'; readonly retryAfterMs?: number }
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed'; readonly error: AzureError };

/** Sends the PUT of `resource` (an ARM id) and returns at once. */
export async function beginPut(
  ml: AzureMl,
  resource: string,
  body: unknown,
  apiVersion: string = ML_API,
): Promise<OperationHandle> {
  const answer = await ml.send({ method: 'PUT', path: resource, apiVersion, body });
  return handle(resource, 'put', apiVersion, answer.headers['azure-asyncoperation']);
}

/**
 * As `beginPut`; where the resource is being made or changed already, which Azure refuses to do twice, what is under way
 * is waited for: an attempt whose answer was lost began it.
 */
export async function beginOrJoinPut(ml: AzureMl, resource: string, body: unknown): Promise<OperationHandle> {
  try {
    return await beginPut(ml, resource, body);
  } catch (error) {
    if (!(error instanceof AzureError) || error.status !== 409) throw error;
    const begun: OperationHandle = { resource, kind: 'put' };
    const { state } = await lookAtOperation(ml, begun);
    if (state !== 'running') throw error;
    return begun;
  }
}

/** Sends the DELETE of `resource` (an ARM id); undefined when it is gone already. */
export async function beginDelete(
  ml: AzureMl,
  resource: string,
  apiVersion: string = ML_API,
): Promise<OperationHandle | undefined> {
  const answer = await ml.send({ method: 'DELETE', path: resource, apiVersion, accept: [404] });
  if (answer.status === 404 || answer.status === 204) return undefined;
  return handle(
    resource,
    'delete',
    apiVersion,
    answer.headers['azure-asyncoperation'] ?? answer.headers['location'],
  );
}

function handle(
  resource: string,
  kind: OperationHandle['kind'],
  apiVersion: string,
  url: string | undefined,
): OperationHandle {
  return {
    resource,
    kind,
    ...(apiVersion === ML_API ? {} : { apiVersion }),
    ...(url === undefined ? {} : { url }),
  };
}

/**
 * One look at an operation. `failed` carries the whole reason from the operation's body, which the SDK's pollers
 * lose. Throws only where the look itself failed.
 */
export async function lookAtOperation(ml: AzureMl, operation: OperationHandle): Promise<OperationState> {
  return operation.url === undefined
    ? lookAtResource(ml, operation)
    : lookAtUrl(ml, operation, operation.url);
}

async function lookAtUrl(ml: AzureMl, operation: OperationHandle, url: string): Promise<OperationState> {
  const answer = await ml.send({ method: 'GET', path: trusted(ml, url), apiVersion: null, accept: [404] });
  // Azure forgets operations after a while; the resource then has the truth.
  if (answer.status === 404) return lookAtResource(ml, operation);
  const wait = retryAfterMs(answer.headers);
  const running: OperationState = { state: 'running', ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  const status = field(answer.body, 'status');
  if (status === undefined) return answer.status === 202 ? running : { state: 'succeeded' };
  return stateOf(status, answer.body, operation, running);
}

async function lookAtResource(ml: AzureMl, operation: OperationHandle): Promise<OperationState> {
  const answer = await ml.send({
    method: 'GET',
    path: trusted(ml, ml.armUrl + operation.resource),
    apiVersion: operation.apiVersion ?? ML_API,
    accept: [404],
  });
  if (answer.status === 404) {
    if (operation.kind === 'delete') return { state: 'succeeded' };
    return {
      state: 'failed',
      error: errorFromBody(answer.body, { operation: nameOf(operation), status: 404 }),
    };
  }
  const properties = (answer.body as { properties?: unknown } | undefined)?.properties;
  const status = field(properties, 'provisioningState') ?? 'Succeeded';
  if (operation.kind === 'delete' && status === 'Succeeded') return { state: 'running' };
  return stateOf(status, { error: provisioningError(properties) }, operation, { state: 'running' });
}

function stateOf(
  status: string,
  body: unknown,
  operation: OperationHandle,
  running: OperationState,
): OperationState {
  switch (status.toLowerCase()) {
    case 'succeeded':
      return { state: 'succeeded' };
    case 'failed':
      return { state: 'failed', error: failure(body, operation, 'OperationFailed') };
    case 'canceled':
    case 'cancelled':
      return { state: 'failed', error: failure(body, operation, 'OperationCanceled') };
    default:
      return running;
  }
}

function failure(body: unknown, operation: OperationHandle, code: string): AzureError {
  const error = (body as { error?: unknown } | undefined)?.error;
  if (error !== undefined && error !== null)
    return errorFromBody({ error }, { operation: nameOf(operation) });
  return new AzureError(`${nameOf(operation)} ended as ${code} and Azure gave no reason`, {
    code,
    operation: nameOf(operation),
  });
}

function provisioningError(properties: unknown): unknown {
  const found = properties as { provisioningErrors?: { error?: unknown }[]; error?: unknown } | undefined;
  return found?.provisioningErrors?.[0]?.error ?? found?.error;
}

function field(value: unknown, name: string): string | undefined {
  const found = (value as Record<string, unknown> | undefined)?.[name];
  return typeof found === 'string' ? found : undefined;
}

function nameOf(operation: OperationHandle): string {
  return `${operation.kind === 'put' ? 'PUT' : 'DELETE'} ${operation.resource.split('/').slice(-2).join('/')}`;
}

/** Looks until the operation ends; for callers without a workflow (the command line, tests). Throws its failure. */
export async function waitForOperation(
  ml: AzureMl,
  operation: OperationHandle | undefined,
  options: { readonly pauseMs?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  if (operation === undefined) return;
  for (;;) {
    if (options.signal?.aborted === true) throw asAzureError(options.signal.reason, nameOf(operation));
    const look = await lookAtOperation(ml, operation);
    if (look.state === 'succeeded') return;
    if (look.state === 'failed') throw look.error;
    const wait = look.retryAfterMs ?? options.pauseMs ?? 2_000;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
