import { DateTime } from 'luxon';
import { blobsOf, datastore } from './blobs.js';
import type { AzureMl } from './client.js';
import { fetchBlobs } from './downloads.js';

export interface CollectedQuery {
  readonly endpoint: string;
  /** Every deployment when absent. */
  readonly deployment?: string;
  /** `model_inputs`, `model_outputs`, … */
  readonly collection: string;
  /** Milliseconds since the epoch. Whole hours are answered, as the collector keeps them. */
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Downloads what the data collector kept within the window (UTC hour folders `yyyy/MM/dd/HH`), into
 * `toDir/{deployment}/{collection}/…`. Answers the paths of the JSON-lines files, ordered.
 */
export async function downloadCollected(
  ml: AzureMl,
  query: CollectedQuery,
  toDir: string,
): Promise<string[]> {
  const { container } = await datastore(ml, 'workspaceblobstore');
  const base = `modelDataCollector/${query.endpoint}/`;
  const deployments = query.deployment === undefined ? await deploymentsOf(ml, base) : [query.deployment];
  const names: string[] = [];
  for (const deployment of deployments) {
    for (const day of daysOf(query)) {
      const blobs = await blobsOf(container, `${base}${deployment}/${query.collection}/${day}/`);
      names.push(
        ...blobs.map(({ name }) => name).filter((name) => name.endsWith('.jsonl') && isWithin(name, query)),
      );
    }
  }
  return (await fetchBlobs(container, names, base, toDir)).sort();
}

async function deploymentsOf(ml: AzureMl, base: string): Promise<string[]> {
  const { container } = await datastore(ml, 'workspaceblobstore');
  const found: string[] = [];
  for await (const item of container.listBlobsByHierarchy('/', { prefix: base })) {
    if (item.kind === 'prefix') found.push(item.name.slice(base.length).replace(/\/$/, ''));
  }
  return found;
}

function daysOf({ fromMs, toMs }: CollectedQuery): string[] {
  const days: string[] = [];
  const last = DateTime.fromMillis(toMs, { zone: 'utc' });
  for (
    let day = DateTime.fromMillis(fromMs, { zone: 'utc' }).startOf('day');
    day <= last;
    day = day.plus({ days: 1 })
  ) {
    days.push(day.toFormat('yyyy/MM/dd'));
  }
  return days;
}

const HOUR = 3_600_000;

function isWithin(name: string, { fromMs, toMs }: CollectedQuery): boolean {
  const hour = /\/(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)\/[^/]+$/.exec(name)?.slice(1).map(Number);
  if (hour === undefined) return false;
  const [year = 0, month = 1, day = 1, at = 0] = hour;
  const start = Date.UTC(year, month - 1, day, at);
  return start < toMs && start + HOUR > fromMs;
}
