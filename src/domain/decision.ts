import type { Answer, Decision } from './approval.js';

const longest = { reason: 500, name: 100, payload: 4_000 };

/** Stands for a payload whose bytes are no JSON; every handler takes it for a payload that says nothing. */
export const unreadable = Object.freeze({ unreadable: true });

/**
 * An answer as it arrived. A payload is a hint by whoever sent it: only its expected parts are kept, shortened; one
 * that is malformed makes the answer void. `position` tells answers without a comment apart, `at` is milliseconds
 * since the epoch.
 */
export function decisionOf(
  answer: Answer,
  code: string,
  payload: unknown,
  { position, at }: { readonly position: number; readonly at: number },
): Decision {
  const problem = problemOf(payload);
  const fields: Record<string, unknown> =
    typeof payload === 'object' && payload !== null ? { ...payload } : {};
  const { reason, by, comment_id: comment, review_id: review } = fields;
  return {
    id: nameOf('comment', comment) ?? nameOf('review', review) ?? `signal/${position}`,
    answer,
    code,
    at,
    ...(typeof reason === 'string' && { reason: reason.slice(0, longest.reason) }),
    ...(typeof by === 'string' && { claimedBy: by.slice(0, longest.name) }),
    ...(problem !== undefined && { problem }),
  };
}

const expected: Readonly<Record<string, 'text' | 'number'>> = {
  reason: 'text',
  by: 'text',
  comment_id: 'number',
  review_id: 'number',
};

/** What is wrong with a payload, all at once; `undefined` where it is well formed or absent. */
function problemOf(payload: unknown): string | undefined {
  if (payload === undefined || payload === null) return undefined;
  const problems = problemsOf(payload);
  if (problems.length === 0) return undefined;
  return `its payload counts for nothing: ${problems.join(', ')}; send it again without one, or with {"reason": "…"}`;
}

function problemsOf(payload: unknown): string[] {
  if (isUnreadable(payload)) return ['it is no JSON'];
  if (Object.prototype.toString.call(payload) !== '[object Object]') return ['it is no JSON object'];
  const { length } = JSON.stringify(payload);
  if (length > longest.payload)
    return [`it has ${length} characters, at most ${longest.payload} are allowed`];
  const fields = payload as Readonly<Record<string, unknown>>;
  return Object.entries(expected).flatMap(([name, type]) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value === undefined || value === null) return [];
    const fits = type === 'text' ? typeof value === 'string' : isId(value);
    return fits ? [] : [`\`${name}\` is no ${type}`];
  });
}

function isUnreadable(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && 'unreadable' in payload;
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function nameOf(kind: string, id: unknown): string | undefined {
  return isId(id) ? `${kind}/${id}` : undefined;
}
