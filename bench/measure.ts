/** One thing measured: its name and the time of one run in milliseconds. */
export interface Subject {
  readonly name: string;
  readonly run: (round: number) => Promise<number>;
}

const ROUNDS = 7;

/** Middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}

/**
 * Measures two subjects in turn, so that whatever else the machine does falls on both, and prints the medians and their
 * ratio. A first round of each is not counted: it fills the caches of the disk.
 */
export async function compare(
  title: string,
  ours: Subject,
  baseline: Subject,
  rounds = ROUNDS,
): Promise<void> {
  const times = { ours: [] as number[], baseline: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const [a, b] = [await ours.run(round), await baseline.run(round)];
    if (round === 0) continue;
    times.ours.push(a);
    times.baseline.push(b);
  }
  const [a, b] = [median(times.ours), median(times.baseline)];
  const ratio = a <= b ? `${(b / a).toFixed(1)} times as fast` : `${(a / b).toFixed(1)} times as long`;
  console.log(
    `${title}\n  ${ours.name}: ${a.toFixed(0)} ms\n  ${baseline.name}: ${b.toFixed(0)} ms\n  → ${ratio}`,
  );
}
