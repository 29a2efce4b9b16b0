import type { DriftAnalysis, DriftVerdict } from './drift.js';
import { describeRefused, type EndpointHealth } from './endpoint-health.js';
import { describePerformance, type Performance, type PerformanceVerdict } from './performance.js';

/** What collected requests, the baseline and labels tell. */
export interface Measured {
  readonly drift: DriftAnalysis;
  /** Drift of what the model answers. */
  readonly predictions?: DriftAnalysis;
  readonly performance?: Performance & PerformanceVerdict;
}

/** File by which a job next to the data tells what it measured, in its output. */
export const resultFile = 'measured.json';

/** Everything that one look at an endpoint found. */
export interface Look extends Measured {
  readonly health?: EndpointHealth;
  /** What could not be looked at, and why. */
  readonly notes?: readonly string[];
}

/** A breach outweighs missing data, which is never a pass. Health informs: requests that fail are the rollout's to judge. */
export function concludeLook(look: Look): { readonly verdict: DriftVerdict; readonly summary: string } {
  const { drift, predictions, performance, health } = look;
  const verdicts = [drift.verdict, predictions?.verdict, performance?.verdict];
  const verdict = (['breach', 'missing_data'] as const).find((bad) => verdicts.includes(bad)) ?? 'ok';
  const sentences = [
    drift.summary,
    predictions === undefined ? undefined : `predictions: ${predictions.summary}`,
    performance === undefined
      ? undefined
      : `performance: ${performance.checks.length === 0 ? describePerformance(performance) : performance.checks.join(', ')}`,
    ...(health === undefined ? [] : describeRefused(health)),
  ];
  return { verdict, summary: sentences.filter((sentence) => sentence !== undefined).join('; ') };
}
