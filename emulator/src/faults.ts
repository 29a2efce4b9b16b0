import { setTimeout as sleep } from 'node:timers/promises';
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
  | 'hangup';

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
  clear(): void;
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

export function createFaults(): Faults {
  let rules: (FaultRule & { strikes: (method: string, path: string) => boolean })[] = [];
  let lastId = 0;

  function take(found: FaultRule | undefined): FaultAnswer | undefined {
    if (found === undefined) return undefined;
    rules = rules.flatMap((rule) =>
      rule.id !== found.id ? [rule] : rule.times > 1 ? [{ ...rule, times: rule.times - 1 }] : [],
    );
    return found.answer;
  }

  return {
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
    },
    forRequest: (method, path) => take(rules.find((rule) => rule.strikes(method.toUpperCase(), path))),
    async check(operation) {
      const answer = take(rules.find((rule) => rule.match.operation === operation));
      if (answer === undefined) return;
      if (answer === 'hangup')
        throw new AzureError(500, 'InternalServerError', `Fault ordered for ${operation}.`);
      if ('delayMs' in answer) await sleep(answer.delayMs);
      else throw new AzureError(answer.status, answer.code, answer.message);
    },
  };
}
