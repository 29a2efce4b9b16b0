import type { RequestRow, RequestStats } from './health.js';
import { stats } from './rollout.js';
import { formatShare } from './text.js';

/** How an endpoint answered in a window, all its deployments together. */
export interface EndpointHealth extends RequestStats {
  /** Answers that were no success, the most frequent first. */
  readonly refused: readonly { readonly status: number; readonly count: number }[];
}

export function endpointHealth(rows: readonly RequestRow[]): EndpointHealth {
  const counts = new Map<number, number>();
  for (const { status } of rows) if (status >= 400) counts.set(status, (counts.get(status) ?? 0) + 1);
  const refused = [...counts].map(([status, count]) => ({ status, count }));
  return { ...stats(rows), refused: refused.sort((a, b) => b.count - a.count || a.status - b.status) };
}

/**
 * What Azure ML's endpoints mean by a status:
 * https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#http-status-codes
 */
const meanings: Readonly<Record<number, string>> = {
  401: 'the key or token was refused',
  404: 'no deployment has traffic',
  408: 'the model took longer than request_timeout_ms',
  424: 'the model failed; see the deployment’s log',
  429: 'more requests at once than 2 × max_concurrent_requests_per_instance × instances; scale out',
};

/** One sentence a status. */
export function describeRefused({ requests, refused }: EndpointHealth): string[] {
  return refused.map(({ status, count }) => {
    const meaning = meanings[status] ?? (status >= 500 ? 'the endpoint failed' : 'the request was refused');
    return `${count} of ${requests} requests (${formatShare(count / requests)}) were answered ${status}: ${meaning}`;
  });
}
