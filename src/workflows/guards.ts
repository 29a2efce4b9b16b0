import type { Newer } from '../domain/concurrency.js';
import type { Release } from '../domain/release.js';
import type { Breach, ChildBlocked, ReleaseReport } from './messages.js';

/**
 * Shapes of what other workflows send. Everybody who may write to the namespace can send these signals too, with any
 * payload or none (the Temporal UI offers them all): a handler that threw would fail the workflow task for good.
 */
interface Shape {
  readonly [key: string]: 'string' | 'number' | Shape;
}

function has(value: unknown, shape: Shape): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.entries(shape).every(([key, expected]) =>
    typeof expected === 'string' ? typeof fields[key] === expected : has(fields[key], expected),
  );
}

const source: Shape = { repository: 'string', commit: 'string', ref: 'string', path: 'string' };
const blocked: Shape = {
  step: 'string',
  type: 'string',
  message: 'string',
  since: 'number',
  until: 'number',
};

/** What is kept crosses continue-as-new, with others of its kind: the server takes 2 MB. */
const longest = 10_000;

function isShort(value: unknown): boolean {
  return JSON.stringify(value).length <= longest;
}

export function isRelease(value: unknown): value is Release {
  const isOne = has(value, {
    id: 'string',
    lifecycleId: 'string',
    lifecycleRunId: 'string',
    project: 'string',
    source,
    model: { name: 'string', version: 'string', workspace: 'string' },
    environment: 'string',
    requestedAt: 'number',
  });
  return isOne && isShort(value);
}

export function isReleaseReport(value: unknown): value is ReleaseReport {
  if (!has(value, { releaseId: 'string', kind: 'string' })) return false;
  switch ((value as ReleaseReport).kind) {
    case 'granted':
      return true;
    case 'progress':
      return has(value, {
        progress: { endpoint: 'string', owner: 'string', state: 'string', step: 'string' },
      });
    case 'finished':
      return has(value, { result: { kind: 'string' } });
    default:
      return false;
  }
}

export function isChildBlocked(value: unknown): value is ChildBlocked {
  if (!has(value, { child: 'string' })) return false;
  const { blocked: what } = value as { blocked?: unknown };
  return what === null || has(what, blocked);
}

const limits = { cooldownMs: 'number', max: 'number', windowMs: 'number', maxFruitless: 'number' } as const;

export function isBreach(value: unknown): value is Breach {
  const isOne = has(value, {
    scheduledAt: 'string',
    verdict: 'string',
    summary: 'string',
    onBreach: 'string',
    source,
    project: 'string',
  });
  if (!isOne || !isShort(value)) return false;
  const { retraining } = value as { retraining?: unknown };
  return retraining === undefined || has(retraining, limits);
}

export function isNewer(value: unknown): value is Newer {
  if (!has(value, { by: 'string', commit: 'string' })) return false;
  const { spareMs } = value as { spareMs?: unknown };
  return spareMs === undefined || typeof spareMs === 'number';
}

export function isReleaseId(value: unknown): value is { readonly releaseId: string } {
  return has(value, { releaseId: 'string' });
}

export function isWithdrawal(
  value: unknown,
): value is { readonly releaseId: string; readonly reason: string } {
  return has(value, { releaseId: 'string', reason: 'string' });
}
