/** Largest sample for which SciPy's `ks_2samp` counts lattice paths by itself; beyond it the limit distribution serves. */
const exactUpTo = 10_000;

/**
 * Two-sided p-value of the two-sample Kolmogorov–Smirnov test: exact where both samples have at most 10,000 values,
 * else from the limit distribution at the effective size n·m/(n+m).
 * @param gap the statistic: the largest difference of the two empirical distribution functions.
 */
export function kolmogorovSmirnovP(gap: number, n: number, m: number): number {
  if (gap <= 0) return 1;
  if (Math.max(n, m) <= exactUpTo) return exact(gap, Math.max(n, m), Math.min(n, m));
  return limit(gap, (n / (n + m)) * m);
}

/**
 * Every order of the pooled values is equally likely, a path from (0,0) to (n,m). By rows, the share of paths to a
 * point that have met or left the band |i/n − j/m| < gap: all of them outside of it.
 */
function exact(gap: number, n: number, m: number): number {
  const divisor = greatestDivisor(n, m);
  const [stepN, stepM] = [m / divisor, n / divisor];
  const reach = Math.round(gap * stepN * n);
  let row = new Float64Array(m + 1).fill(1);
  for (let i = 0; i <= n; i += 1) {
    const next = new Float64Array(m + 1).fill(1);
    const from = Math.max(0, Math.floor((i * stepN - reach) / stepM) + 1);
    const to = Math.min(m, Math.ceil((i * stepN + reach) / stepM) - 1);
    for (let j = from; j <= to; j += 1) {
      if (i + j === 0) next[0] = 0;
      else next[j] = (i * (row[j] ?? 1) + (j === 0 ? 0 : j * (next[j - 1] ?? 1))) / (i + j);
    }
    row = next;
  }
  return row[m] ?? 1;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

const terms = 20;
/** Where the two series for the limit distribution converge equally fast. */
const crossing = 1;

/**
 * Kolmogorov's limit with Vrbik's correction of its argument for finite sizes (J. Vrbik, "Small-Sample Corrections to
 * Kolmogorov–Smirnov Test Statistic", 2018).
 */
function limit(gap: number, size: number): number {
  const t = Math.sqrt(size) * gap;
  const z = t + 1 / (6 * Math.sqrt(size)) + (t - 1) / (4 * size);
  let sum = 0;
  if (z < crossing) {
    for (let k = 1; k <= terms; k += 1) sum += Math.exp(-((2 * k - 1) ** 2 * Math.PI ** 2) / (8 * z * z));
    return Math.min(1, Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / z) * sum));
  }
  for (let k = terms; k >= 1; k -= 1) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * z * z);
  return Math.min(1, Math.max(0, sum));
}
