import { ML } from '../ids.js';
import { getResource } from '../resources.js';
import type { StoredResource } from '../resources.js';
import type { Operation } from './operations.js';
import type { ArmReply, ArmRequest, ArmServices } from './types.js';

/** A resource as clients see it: without the fields that begin with `_`. */
export function visible(resource: StoredResource): Record<string, unknown> {
  return Object.fromEntries(Object.entries(resource).filter(([key]) => !key.startsWith('_')));
}

export function ok(body: unknown): ArmReply {
  return { status: 200, body };
}

const LEAST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

/**
 * Whole seconds, as Azure gives them, and for clients that read it the finer pause: a quarter of the time that the
 * operation has taken.
 */
function pause({ startTime }: Operation): Record<string, string> {
  const elapsedMs = Date.now() - Date.parse(startTime);
  const finer = Math.round(Math.min(LONGEST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, elapsedMs / 4)));
  return { 'Retry-After': '1', 'x-ms-retry-after-ms': String(finer) };
}

/** How long clients are told that the operation may take. */
const TIMEOUT = 'PT1H30M';

function operationUrl(request: ArmRequest, operation: Operation, location: string, kind: string): string {
  const version = request.query['api-version'] ?? '';
  const place = `/subscriptions/${request.id.subscription}/providers/${ML}/locations/${location}`;
  return `${request.base}${place}/${kind}/${operation.id}?api-version=${version}`;
}

/** 201 (200 on a change) with `Azure-AsyncOperation`, as PUT on endpoints, deployments, computes and schedules answers. */
export function acceptedPut(
  request: ArmRequest,
  resource: StoredResource,
  operation: Operation,
  created: boolean,
  body: unknown = visible(resource),
): ArmReply {
  const url = operationUrl(request, operation, resource.location ?? 'local', 'mfeOperationsStatus');
  return {
    status: created ? 201 : 200,
    body,
    headers: { 'Azure-AsyncOperation': url, 'x-ms-async-operation-timeout': TIMEOUT },
  };
}

/** 202 with `Location` and `Retry-After`, as DELETE, PATCH and actions answer. */
export function accepted(request: ArmRequest, operation: Operation, location = 'local'): ArmReply {
  return {
    status: 202,
    headers: {
      Location: operationUrl(request, operation, location, 'mfeOperationResults'),
      ...pause(operation),
      'x-ms-async-operation-timeout': TIMEOUT,
    },
  };
}

/** What the URL of an operation answers: `{status, error}` for the status form, the outcome itself for `Location`. */
export function operationReply({ ctx, operations }: ArmServices, request: ArmRequest, id: string): ArmReply {
  const operation = operations.get(id);
  if (operation === undefined) {
    return { status: 404, body: { error: { code: 'NotFound', message: `Operation ${id} was not found.` } } };
  }
  const { status, startTime, endTime, error } = operation;
  const wait = status === 'InProgress' ? pause(operation) : {};
  if (/OperationResults\//i.test(request.path)) {
    const outcome =
      operation.payload['shown'] === true ? getResource(ctx.store, operation.resourceId) : undefined;
    return locationReply(request, operation, { wait, outcome });
  }
  const body = { id: request.path, name: id, status, startTime, endTime, error };
  return { status: 200, headers: wait, body };
}

function locationReply(
  request: ArmRequest,
  operation: Operation,
  { wait, outcome }: { wait: Record<string, string>; outcome: StoredResource | undefined },
): ArmReply {
  const self = `${request.base}${request.path}?api-version=${request.query['api-version'] ?? ''}`;
  if (operation.status === 'InProgress') return { status: 202, headers: { ...wait, Location: self } };
  if (operation.error !== undefined) return { status: 400, body: { error: operation.error } };
  return outcome === undefined ? { status: 200 } : ok(visible(outcome));
}
