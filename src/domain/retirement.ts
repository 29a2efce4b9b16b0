import type { ModelRef } from './model.js';
import type { Release } from './release.js';
import { formatMs, parseDuration } from './text.js';

type Version = Omit<ModelRef, 'workspace'>;

/** Somebody who called an endpoint. */
export interface Caller {
  /** The `User-Agent` that was sent, as far as it was logged; '' where there was none. */
  readonly agent: string;
  /** What the log knows of the caller's identity; '' for a key. */
  readonly identity: string;
  readonly requests: number;
  /** Milliseconds since the epoch. */
  readonly lastAt: number;
}

/** What would go with an endpoint. */
export interface EndpointSurvey {
  readonly exists: boolean;
  readonly deployments: readonly {
    readonly name: string;
    readonly model?: Version;
  }[];
  /** The most frequent first. */
  readonly callers: readonly Caller[];
  /** Why nobody can say who called. */
  readonly callersUnknown?: string;
}

/** What somebody asks for. */
export interface RetirementWish {
  /** Callers of so many days are shown. */
  readonly days: number;
  /** How long the endpoint answers nothing before anything is deleted: whoever misses it can still have it back. */
  readonly drainMs: number;
}

/** What approvers have agreed to, or the operator where nobody else is asked. */
export interface RetirementOrder {
  /** Whose environment this is; its rules say who may. */
  readonly release: Release;
  /** What would happen, as it was asked: part of the evidence. */
  readonly text: string;
  /** Run of the endpoint's owner that asked, and the run and position of the message. */
  readonly askedIn: string;
  readonly saidIn: string;
  readonly nth: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly by: string;
  readonly drainMs: number;
  readonly deployments: readonly string[];
  readonly models: readonly Version[];
}

const mostDays = 90;
const defaultDays = 7;
const longestDrainMs = 30 * 24 * 3_600_000;

/** Reads `{"days": 7, "drain": "15m"}`, both optional, from a payload that anybody may have written. */
export function readWish(
  payload: unknown,
  defaultDrainMs: number,
): { readonly ok: true; readonly wish: RetirementWish } | { readonly ok: false; readonly problem: string } {
  const { days = defaultDays, drain }: Readonly<Record<string, unknown>> =
    typeof payload === 'object' && payload !== null ? { ...payload } : {};
  if (typeof days !== 'number' || !Number.isInteger(days) || days < 1 || days > mostDays)
    return { ok: false, problem: `days must be a whole number from 1 to ${mostDays}` };
  const drainMs =
    drain === undefined ? defaultDrainMs : typeof drain === 'string' ? parseDuration(drain) : undefined;
  if (drainMs === undefined || drainMs > longestDrainMs)
    return { ok: false, problem: 'drain must be a duration such as "15m", at most "30d"' };
  return { ok: true, wish: { days, drainMs } };
}

/**
 * What goes with an endpoint, and one paragraph that says it, after how long, and who called lately.
 * @param earlier model versions that the endpoint's owner remembers
 */
export function planRetirement(
  endpoint: string,
  survey: EndpointSurvey,
  { days, drainMs }: RetirementWish,
  earlier: readonly Version[] = [],
): Pick<RetirementOrder, 'text' | 'deployments' | 'models' | 'drainMs'> {
  const all = modelsOf(survey, earlier);
  const models = all.map(({ name, version }) => `${name}:${version}`);
  const deployments = survey.deployments.map(({ name }) => name);
  const text = [
    `retire the endpoint ${endpoint}: ${describeCallers(survey, days)}`,
    `its traffic goes first; after ${formatMs(drainMs)}, in which \`abort\` brings it back, ${listed('deployment', deployments)}, the endpoint and its monitoring are deleted`,
    models.length === 0 ? '' : `${listed('model version', models)} archived unless something else serves it`,
    'records and jobs stay',
  ]
    .filter((part) => part !== '')
    .join('; ');
  return { text, deployments, models: all, drainMs };
}

/** Every model version that serves or has served, once. */
function modelsOf({ deployments }: EndpointSurvey, earlier: readonly Version[]): Version[] {
  const models = [
    ...deployments.flatMap(({ model }) => (model === undefined ? [] : [model])),
    ...earlier.map(({ name, version }) => ({ name, version })),
  ];
  return [...new Map(models.map((model) => [`${model.name}:${model.version}`, model])).values()];
}

const mostNamed = 10;

/** `1204 requests in the last 7 days, from python-requests/2.31 (1200, last 2026-11-25 08:00 UTC), …` */
export function describeCallers({ callers, callersUnknown }: EndpointSurvey, days: number): string {
  const since = `in the last ${days === 1 ? 'day' : `${days} days`}`;
  if (callersUnknown !== undefined) return `who called it ${since} is not known (${callersUnknown})`;
  if (callers.length === 0) return `nobody called it ${since}`;
  const total = callers.reduce((sum, { requests }) => sum + requests, 0);
  const named = callers.slice(0, mostNamed).map(describeCaller);
  const others = callers.length - named.length;
  return `${total} requests ${since}, from ${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}

function describeCaller({ agent, identity, requests, lastAt }: Caller): string {
  const unnamed = identity === '' ? 'a caller without a User-Agent' : '';
  const who = [agent === '' ? unnamed : agent.slice(0, 70), identity.slice(0, 60)];
  const last = `${new Date(lastAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `${who.filter((part) => part !== '').join(' ')} (${requests}, last ${last})`;
}

function listed(what: string, names: readonly string[]): string {
  return `${what}${names.length === 1 ? '' : 's'} ${names.join(', ') || '(none)'}`;
}
