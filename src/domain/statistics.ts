/**
 * Two-sample tests as textbooks and SciPy define them. All are one-sided: a small `p` says that the first sample is
 * greater than chance alone would make it.
 */

/** Sizes of two samples, and how often something happened in each. */
export interface Proportions {
  readonly happened: readonly [number, number];
  readonly of: readonly [number, number];
}

/**
 * Mann–Whitney U with the normal approximation, corrected for ties and for continuity, as SciPy's
 * `mannwhitneyu(a, b, alternative='greater', method='asymptotic')`. Probability that values of `a` are so much greater
 * than those of `b` if both come from one distribution. `undefined` when a side is empty.
 */
export function mannWhitneyGreater(a: readonly number[], b: readonly number[]): number | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  const { rankSum, ties } = ranks(a, b);
  const [m, n, all] = [a.length, b.length, a.length + b.length];
  const u = rankSum - (m * (m + 1)) / 2;
  const variance = ((m * n) / 12) * (all + 1 - ties / (all * (all - 1)));
  // All values are equal: nothing is greater than anything.
  if (!(variance > 0)) return 1;
  return normalUpperTail((u - (m * n) / 2 - 0.5) / Math.sqrt(variance));
}

/** Sum of the ranks of `a` in both samples together, ties at their mean rank; and Σ(t³ − t) over the ties. */
function ranks(a: readonly number[], b: readonly number[]): { rankSum: number; ties: number } {
  const all = [
    ...a.map((value) => ({ value, first: true })),
    ...b.map((value) => ({ value, first: false })),
  ].sort((x, y) => x.value - y.value);
  let rankSum = 0;
  let ties = 0;
  for (let start = 0; start < all.length;) {
    const value = all[start]?.value;
    let end = start;
    let ours = 0;
    for (; end < all.length && all[end]?.value === value; end += 1) if (all[end]?.first === true) ours += 1;
    const size = end - start;
    rankSum += ours * (start + (size + 1) / 2);
    ties += size ** 3 - size;
    start = end;
  }
  return { rankSum, ties };
}

/** Expected counts below this make the normal approximation of proportions a guess: Cochran's rule. */
const leastExpected = 5;

/**
 * Whether the first share is greater: the pooled two-proportion z-test, or Fisher's exact test where a cell's expected
 * count is below 5. `undefined` when a side is empty.
 */
export function greaterProportion(counts: Proportions): number | undefined {
  const [m, n] = counts.of;
  if (m === 0 || n === 0) return undefined;
  const pooled = (counts.happened[0] + counts.happened[1]) / (m + n);
  const least = Math.min(m, n) * Math.min(pooled, 1 - pooled);
  return least < leastExpected ? fisherGreater(counts) : twoProportionGreater(counts);
}

/** `p` of the pooled two-proportion z-test, without correction. */
export function twoProportionGreater({ happened: [x, y], of: [m, n] }: Proportions): number {
  const pooled = (x + y) / (m + n);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / m + 1 / n));
  return deviation === 0 ? 1 : normalUpperTail((x / m - y / n) / deviation);
}

/** `p` of Fisher's exact test, as SciPy's `fisher_exact([[x, m − x], [y, n − y]], alternative='greater')`. */
export function fisherGreater({ happened: [x, y], of: [m, n] }: Proportions): number {
  const logs = logFactorials(m + n);
  const choose = (of: number, k: number): number => at(logs, of) - at(logs, k) - at(logs, of - k);
  const total = choose(m + n, x + y);
  let p = 0;
  for (let k = x; k <= Math.min(m, x + y); k += 1) p += Math.exp(choose(m, k) + choose(n, x + y - k) - total);
  return Math.min(1, p);
}

function logFactorials(most: number): Float64Array {
  const logs = new Float64Array(most + 1);
  for (let n = 2; n <= most; n += 1) logs[n] = at(logs, n - 1) + Math.log(n);
  return logs;
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}

/** Probability that a standard normal variable exceeds `z`. */
export function normalUpperTail(z: number): number {
  return z < 0 ? 1 - erfc(-z / Math.SQRT2) / 2 : erfc(z / Math.SQRT2) / 2;
}

/** Complementary error function for x ≥ 0: Kummer's series (all terms positive), its continued fraction from 3 on. */
function erfc(x: number): number {
  if (x > 27) return 0;
  const scale = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x < 3) {
    let term = 2 * x;
    let sum = term;
    for (let n = 1; term > sum * 1e-17; n += 1) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - scale * sum;
  }
  let fraction = x;
  for (let k = 60; k >= 1; k -= 1) fraction = x + k / 2 / fraction;
  return scale / fraction;
}

/**
 * Jensen–Shannon distance, base 2, of two lists of labels: 0 for equal shares, 1 for none in common. `undefined` when
 * a side is empty.
 */
export function jensenShannon(a: readonly string[], b: readonly string[]): number | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  const [p, q] = [sharesOf(a), sharesOf(b)];
  const half = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): number =>
    [...one].reduce(
      (sum, [label, share]) => sum + share * Math.log2((2 * share) / (share + (other.get(label) ?? 0))),
      0,
    ) / 2;
  return Math.sqrt(Math.max(0, half(p, q) + half(q, p)));
}

function sharesOf(labels: readonly string[]): Map<string, number> {
  const shares = new Map<string, number>();
  for (const label of labels) shares.set(label, (shares.get(label) ?? 0) + 1 / labels.length);
  return shares;
}
