/** A check of one candidate: whether it holds, and the sentence that says so. */
export interface Check {
  readonly holds: boolean;
  readonly reason: string;
}

/** Metrics are named by users: `constructor` is a name like any other. */
export function own(metrics: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}

export function isNumber(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}
