import { setTimeout as sleep } from 'node:timers/promises';
import { createClock } from './clock.js';
import type { Clock } from './clock.js';
import { AzureError } from './errors.js';

/** What a matching request or operation gets instead of its answer. */
export type FaultAnswer =
  | {
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly headers?: Record<string, string>;
    }
  | { readonly delayMs: number }
  /** One of Azure's own failures, with its words. */
  | { readonly failure: Failure }
  /** No answer, nothing done. */
  | 'hangup'
  /** All is done, but the answer is lost on its way. */
  | 'lost'
  /** All is done, and half of the answer arrives. */
  | 'cut'
  /** For operations: goes on only when the faults are cleared. */
  | 'hang';

/** What Azure names when a deployment, a compute or a job cannot be had: https://aka.ms/oe-tsg and the troubleshooting pages of computes. */
export const FAILURES = {
  ImageBuildFailure: 'The build of the image failed. See the build log for the reason.',
  OutOfQuota: 'Not enough quota available for this instance type in the subscription.',
  OutOfCapacity:
    'The specified VM size has no capacity available in this region at the moment. Try again later.',
  BadArgument: 'The deployment could not be made from the arguments given.',
  ResourceNotReady: 'User container has crashed or terminated. See the container log.',
  ResourceNotFound: 'A resource that is needed could not be found.',
  OperationCanceled: 'The operation was canceled by another one of higher priority.',
  SecretsInjectionError: 'Secrets could not be read with the identity of the endpoint.',
  InternalServerError: 'An internal error occurred.',
} as const;

export type Failure = keyof typeof FAILURES;

/** So many tokens at most, refilled evenly; a request takes one. */
export interface BucketSize {
  readonly size: number;
  readonly perSecond: number;
}

/** What a role grants, by the names of Azure's operations; `*` stands for anything. */
export interface Permissions {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

/** What holds for all requests until it is changed. */
export interface Conditions {
  /** What whoever asks may do; everything where it is absent. Data actions are told, not held against anybody. */
  readonly permissions?: Permissions | undefined;
  /** A new resource answers 404 for so long, though its PUT was answered. */
  readonly missingMs?: number | undefined;
  /** Requests to Resource Manager above it are 429, by subscription. */
  readonly throttle?: Partial<Record<'reads' | 'writes' | 'deletes', BucketSize | undefined>> | undefined;
  /** So many times as fast goes the clock by which schedules fire, jobs are limited and told to have run; 1 by default. */
  readonly clock?: number | undefined;
}

/** `path`: a regular expression, tried without case, on the request's path and query. `operation`: an inner step's name. */
export interface FaultMatch {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly operation?: string | undefined;
}

export interface FaultRule {
  readonly id: number;
  readonly match: FaultMatch;
  readonly answer: FaultAnswer;
  /** How often it still strikes. */
  readonly times: number;
}

/** Faults ordered by the control API; each strikes `times` times, the oldest rule first. */
export interface Faults {
  add(match: FaultMatch, answer: FaultAnswer, times: number): FaultRule;
  list(): FaultRule[];
  /** Forgets them; operations that hang go on. */
  clear(): void;
  conditions: Conditions;
  /** Goes as fast as `conditions` say. */
  readonly clock: Clock;
  /** The fault for a request, used up by one; undefined when none matches. */
  forRequest(method: string, pathAndQuery: string): FaultAnswer | undefined;
  /**
   * To be awaited by a service at a step that tests may want to fail (`job.start`, `deployment.start`, …):
   * waits for a delay, throws AzureError for anything else, returns at once when no rule names the operation.
   */
  check(operation: string): Promise<void>;
}

/** A substring is a regular expression too, as far as paths go; what is no valid one is taken literally. */
function matcher(pattern: string): (text: string) => boolean {
  try {
    const expression = new RegExp(pattern, 'i');
    return (text) => expression.test(text);
  } catch {
    return (text) => text.toLowerCase().includes(pattern.toLowerCase());
  }
}

export function createFaults(clock = createClock()): Faults {
  let rules: (FaultRule & { strikes: (method: string, path: string) => boolean })[] = [];
  let lastId = 0;
  let hanging: (() => void)[] = [];
  let conditions: Conditions = {};

  function take(found: FaultRule | undefined): FaultAnswer | undefined {
    if (found === undefined) return undefined;
    rules = rules.flatMap((rule) =>
      rule.id !== found.id ? [rule] : rule.times > 1 ? [{ ...rule, times: rule.times - 1 }] : [],
    );
    return found.answer;
  }

  return {
    clock,
    get conditions() {
      return conditions;
    },
    set conditions(next) {
      conditions = next;
      clock.speed = next.clock ?? 1;
    },
    add(match, answer, times) {
      lastId += 1;
      const onPath = matcher(match.path ?? '');
      const method = match.method?.toUpperCase();
      const strikes = (verb: string, path: string) =>
        match.operation === undefined && (method === undefined || method === verb) && onPath(path);
      const rule = { id: lastId, match, answer, times };
      rules.push({ ...rule, strikes });
      return rule;
    },
    list: () => rules.map(({ id, match, answer, times }) => ({ id, match, answer, times })),
    clear: () => {
      rules = [];
      for (const goOn of hanging) goOn();
      hanging = [];
    },
    forRequest: (method, path) => take(rules.find((rule) => rule.strikes(method.toUpperCase(), path))),
    async check(operation) {
      const answer = take(rules.find((rule) => rule.match.operation === operation));
      if (answer === undefined) return;
      if (answer === 'hang') {
        await new Promise<void>((goOn) => hanging.push(goOn));
        return;
      }
      if (typeof answer === 'string')
        throw new AzureError(500, 'InternalServerError', `Fault ordered for ${operation}.`);
      if ('failure' in answer) throw new AzureError(400, answer.failure, FAILURES[answer.failure]);
      if ('delayMs' in answer) await sleep(answer.delayMs);
      else throw new AzureError(answer.status, answer.code, answer.message);
    },
  };
}
