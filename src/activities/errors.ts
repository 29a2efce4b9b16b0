import { ApplicationFailure, type ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { AzureError, SourceError, SpecError } from '../azureml/index.js';
import { formatMistake, type Mistake } from '../domain/mistake.js';
import type { Refusal } from '../domain/refusal.js';
import { GitHubError } from '../github/index.js';

/**
 * The only place where failures get their Temporal form. The type is a stable tag: decided outcomes are not retried,
 * outages are, with the service's own delay; what the world blocks is named so that the workflow parks.
 */

/** Files with mistakes: all of them at once. */
export class SpecInvalid extends Error {
  constructor(readonly mistakes: readonly Mistake[]) {
    super(mistakes.map(formatMistake).join('\n'));
  }
}

/** What the operators' policy, or the last guard, does not let happen. */
export class NotAllowed extends Error {
  constructor(readonly refusals: readonly Pick<Refusal, 'code' | 'message'>[]) {
    super(refusals.map(({ code, message }) => `${code}: ${message}`).join('\n'));
  }
}

const longestMessage = 4_000;

export function toFailure(error: unknown): unknown {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof SpecError) return invalid(new SpecInvalid(error.mistakes));
  if (error instanceof SpecInvalid) return invalid(error);
  if (error instanceof SourceError) return decided('SpecInvalid', error);
  if (error instanceof NotAllowed) return decided('NotAllowed', error);
  if (error instanceof GitHubError) return fromGitHub(error);
  if (error instanceof AzureError) return fromAzure(error);
  return workerFault(error);
}

/** Not foreseen here: tried again, then parked, so that a repaired worker goes on where this one failed. */
function workerFault(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CancelledFailure) return error;
  return ApplicationFailure.create({
    message: error.message.slice(0, longestMessage),
    type: 'WorkerFault',
    cause: error,
  });
}

function decided(type: string, error: Error): ApplicationFailure {
  return ApplicationFailure.create({
    message: error.message.slice(0, longestMessage),
    type,
    nonRetryable: true,
    cause: error,
  });
}

/** GitHub takes 50 annotations at once; a history should hold no more. */
const mostMistakes = 50;

/** The mistakes go along, so that they can be shown where they are. */
function invalid(error: SpecInvalid): ApplicationFailure {
  return ApplicationFailure.create({
    message: error.message.slice(0, longestMessage),
    type: 'SpecInvalid',
    nonRetryable: true,
    details: [error.mistakes.slice(0, mostMistakes)],
    cause: error,
  });
}

function outage(error: Error, retryAfterMs: number | undefined): ApplicationFailure {
  return ApplicationFailure.create({
    message: error.message.slice(0, longestMessage),
    type: 'Outage',
    ...(retryAfterMs !== undefined && { nextRetryDelay: retryAfterMs }),
  });
}

function fromGitHub(error: GitHubError): ApplicationFailure {
  switch (error.code) {
    case 'Unauthorized':
    case 'Forbidden':
      return decided('NotAuthorized', error);
    case 'NotFound':
    case 'Invalid':
      return decided('SourceNotFound', error);
    case 'UnsafeArchive':
      return decided('SpecInvalid', error);
    case 'Conflict':
    case 'RateLimited':
    case 'Unavailable':
      return outage(error, error.retryAfterMs);
  }
}

/** Codes as Microsoft documents and the service sends them; compared without case, anywhere in the envelope. */
const blockingCodes: readonly (readonly [string, readonly string[]])[] = [
  ['QuotaExceeded', ['OutOfQuota', 'QuotaExceeded', 'OperationNotAllowed', 'ClusterMinNodesExceedCoreQuota']],
  ['CapacityUnavailable', ['OutOfCapacity', 'SkuNotAvailable', 'AllocationFailed', 'ZonalAllocationFailed']],
  ['InfrastructureMissing', ['RegistryMissing']],
  [
    'NotAuthorized',
    [
      'AuthorizationFailed',
      'LinkedAuthorizationFailed',
      'InvalidAuthenticationToken',
      'Unauthorized',
      'CredentialUnavailable',
    ],
  ],
];

function fromAzure(error: AzureError): ApplicationFailure {
  const described = new Error(describeAzure(error), { cause: error });
  const blocking = blockingCodes.find(([, codes]) => error.has(...codes));
  if (blocking !== undefined) return decided(blocking[0], described);
  if (error.status === 401 || error.status === 403) return decided('NotAuthorized', described);
  if (error.status === 404) return decided('NotFound', described);
  if (error.status === 409) return outage(described, error.retryAfterMs);
  const passing =
    unanswered(error) || error.status === 408 || error.status === 429 || (error.status ?? 0) >= 500;
  return passing ? outage(described, error.retryAfterMs) : decided('Rejected', described);
}

function unanswered({ code }: AzureError): boolean {
  return code === 'NetworkError';
}

function describeAzure(error: AzureError): string {
  const codes = [...new Set(error.codes)].join('/');
  const request = error.requestId === undefined ? '' : ` (request ${error.requestId})`;
  const hint = unanswered(error)
    ? "; no answer: look at the worker's network and at its setting MLOPS_AZURE_URL (unset: Azure itself)"
    : '';
  return `Azure: ${error.operation}: ${codes}: ${error.message}${request}${hint}`;
}

/** Not an error: the work goes on, look again after the pause. Kept out of the worker's error logs. */
export function notYet(what: string, pauseMs: number): ApplicationFailure {
  const benign: ApplicationFailureCategory = 'BENIGN';
  return ApplicationFailure.create({
    message: what,
    type: 'NotYet',
    nextRetryDelay: Math.round(pauseMs),
    category: benign,
  });
}
