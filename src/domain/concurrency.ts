/** What a lifecycle does when a newer commit of its branch comes; by its own commit's `mlops.yaml`. */
export interface Concurrency {
  /** `replace`: the newer takes its place unless its rollout has begun. `keep`: it goes its way beside the newer. */
  readonly newer: 'replace' | 'keep';
  /** Jobs that have run for longer are left to finish. */
  readonly spareMs: number;
}

export const defaultConcurrency: Concurrency = { newer: 'replace', spareMs: 3_600_000 };

/** Who takes a lifecycle's place. */
export interface Newer {
  /** Id of the newer lifecycle. */
  readonly by: string;
  readonly commit: string;
  /** To a child: its lifecycle's `spareMs`. */
  readonly spareMs?: number;
}

/**
 * Whether a superseded job is left to finish.
 * @param runningMs how long it has run, in milliseconds; `null` for one that waits for compute or has ended
 */
export function isSpared(runningMs: number | null, spareMs: number): boolean {
  return runningMs !== null && runningMs > spareMs;
}

export function placeTaken({ commit, by }: Newer): string {
  return `commit ${commit.slice(0, 12)} of the same branch took its place (${by})`;
}
