import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Changes } from '../changes.js';

/** One answered request. `body`: what a PUT, POST or PATCH to Resource Manager carried, without its secrets. */
export interface LoggedRequest {
  readonly seq: number;
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly durationMs: number;
  readonly body?: unknown;
  /** What struck it by order: a fault's kind, `throttled` or `missing`. */
  readonly fault?: string;
}

export interface RequestLog {
  add(request: Omit<LoggedRequest, 'seq'>): void;
  /** Requests with a `seq` above `since`, oldest first; the last 5,000 are kept. */
  since(seq: number): LoggedRequest[];
}

const KEPT = 5000;
const LARGEST_BODY = 64 * 1024;
const LARGEST_FILE = 64 * 1024 * 1024;
const SECRET = /key$|secret|password|passwd|token|credential|connectionstring|sas(uri)?$|^sig$/i;

/** Requests in memory and, a line of JSON each, in `requests.jsonl` of the data folder. */
export function createRequestLog(dataDir: string, changes?: Changes): RequestLog {
  const path = join(dataDir, 'requests.jsonl');
  if (existsSync(path) && statSync(path).size > LARGEST_FILE) renameSync(path, `${path}.old`);
  let kept: LoggedRequest[] = [];
  let last = 0;
  return {
    add(request) {
      last += 1;
      const entry = { seq: last, ...request };
      kept.push(entry);
      if (kept.length > 1.2 * KEPT) kept = kept.slice(-KEPT);
      appendFileSync(path, `${JSON.stringify(entry)}\n`);
      changes?.tell({ collection: 'requests', key: String(last) });
    },
    since: (seq) => kept.slice(-KEPT).filter((entry) => entry.seq > seq),
  };
}

/** A copy without the values of fields that hold secrets, cut down to its size when it is over 64 KB. */
export function loggable(body: unknown): unknown {
  const text = JSON.stringify(body, (key, value: unknown) =>
    SECRET.test(key) && (typeof value === 'string' || typeof value === 'number') ? '[redacted]' : value,
  ) as string | undefined;
  if (text === undefined) return undefined;
  return text.length > LARGEST_BODY ? { truncated: text.length } : (JSON.parse(text) as unknown);
}

/** A copy without secrets and without the state that the service keeps, as it may be put again. */
export function withoutSecrets(properties: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(properties, (key, value: unknown) =>
    key === 'provisioningState' || (SECRET.test(key) && !/type$/i.test(key) && typeof value === 'string')
      ? undefined
      : value,
  );
  return JSON.parse(text) as Record<string, unknown>;
}

export function loggableQuery(query: unknown): Record<string, unknown> {
  return loggable(query ?? {}) as Record<string, unknown>;
}
