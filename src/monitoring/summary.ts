import { formatNumber, formatPair, plural, whole } from '../domain/text.js';
import { nothingCollected, testMetrics } from '../domain/drift.js';
import type { DriftVerdict, FeatureDrift } from '../domain/drift.js';
import { listed } from './words.js';

export interface SummaryInput {
  readonly verdict: DriftVerdict;
  readonly rows: number;
  readonly minRows: number;
  readonly baselineRows: number;
  readonly features: readonly FeatureDrift[];
  /** Features that could not be compared because one side lacks them. */
  readonly missing: readonly string[];
}

const named = 3;
/** Above this many rows chance moves a feature by less than a third of Azure's default threshold. */
const manyRows = 1000;

/** One or two sentences: what was found, and how many rows stand behind it. */
export function summarise(input: SummaryInput): string {
  const { verdict, rows, minRows, baselineRows, features } = input;
  if (baselineRows === 0) return 'the baseline has no rows to compare with';
  if (rows === 0) return nothingCollected;
  const behind = `${plural(rows, 'row')} of requests against ${whole(baselineRows)} of the baseline`;
  if (rows < minRows) {
    return `too few requests to judge by: ${plural(rows, 'row')} in the window, ${whole(minRows)} are needed`;
  }
  const lacking = missingClause(input);
  if (verdict === 'breach') return `${drifted(features)}${lacking} (${behind})${chance(input)}`;
  if (verdict === 'missing_data') {
    return `${lacking === '' ? 'no feature could be compared' : lacking.slice(2)} (${behind})`;
  }
  return `no drift in ${plural(features.length, 'feature')}${largest(features)} (${behind})${chance(input)}`;
}

function drifted(features: readonly FeatureDrift[]): string {
  const breached = features.filter((feature) => feature.breached);
  const numbers = breached.map(({ feature, metric, value, threshold }) => {
    const [shown, bound] = formatPair(value, threshold);
    return testMetrics.has(metric) ? `${feature} p ${shown} < ${bound}` : `${feature} ${shown} > ${bound}`;
  });
  return `drift in ${breached.length} of ${plural(features.length, 'feature')}: ${listed(numbers, named)}`;
}

function largest([first]: readonly FeatureDrift[]): string {
  if (first === undefined) return '';
  const [value, threshold] = formatPair(first.value, first.threshold);
  return `; the largest, ${first.feature}, is at ${value} of ${threshold} allowed`;
}

function missingClause({ missing }: SummaryInput): string {
  if (missing.length === 0) return '';
  return `; no data to compare for ${listed(missing, named)}`;
}

/**
 * Two samples of the same distribution differ. The expected distance between samples of n and m values is about
 * E|Z| · ∫√(F(1−F)) · √(1/n + 1/m) deviations, 1.1 · √(1/n + 1/m) for a normal distribution.
 */
function chance({ rows, baselineRows, features }: SummaryInput): string {
  if (rows >= manyRows || !features.some(({ type }) => type === 'numerical')) return '';
  const expected = 1.1 * Math.sqrt(1 / rows + 1 / baselineRows);
  return `. With so few rows, chance alone moves a numerical feature by about ${formatNumber(expected, 2)}`;
}
