import type { Answer, Decision } from './approval.js';

const longest = { reason: 500, name: 100 };

/**
 * An answer as it arrived. A payload is a hint by whoever sent it: only its expected parts are kept, shortened.
 * `position` tells answers without a comment apart, `at` is milliseconds since the epoch.
 */
export function decisionOf(
  answer: Answer,
  code: string,
  payload: unknown,
  { position, at }: { readonly position: number; readonly at: number },
): Decision {
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
  };
}

function nameOf(kind: string, id: unknown): string | undefined {
  return typeof id === 'number' ? `${kind}/${id}` : undefined;
}
