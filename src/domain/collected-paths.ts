/**
 * Where Azure's data collector keeps what an endpoint was asked and answered, within `modelDataCollector/{endpoint}/`:
 * `{deployment}/{collection}/yyyy/MM/dd/HH/{instance}.jsonl`, UTC
 * (https://learn.microsoft.com/azure/machine-learning/how-to-collect-production-data).
 */

export interface CollectedWindow {
  /** Milliseconds since the epoch. Whole hours lie in a folder. */
  readonly fromMs: number;
  readonly toMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Folders `yyyy/MM/dd` that a window touches, oldest first. */
export function dayFolders({ fromMs, toMs }: CollectedWindow): string[] {
  const first = Math.floor(fromMs / dayMs);
  const days = Math.floor(toMs / dayMs) - first + 1;
  return Array.from({ length: days }, (_, day) => folderOf((first + day) * dayMs));
}

function folderOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '/');
}

/** Whether a file, by its path, holds lines of an hour that the window touches. */
export function isCollectedWithin(path: string, { fromMs, toMs }: CollectedWindow): boolean {
  const [, year, month, day, hour] = /\/(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)\/[^/]+\.jsonl$/.exec(path) ?? [];
  if (year === undefined) return false;
  const start = Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`);
  return start < toMs && start + hourMs > fromMs;
}
