import { severity } from './drift.js';
import type { DriftVerdict, FeatureDrift } from './drift.js';
import { concludeLook, type Look } from './monitoring.js';

/** What is kept of a look, so that the reports of later ones can show how it came to where it stands. */
export interface PastLook {
  /** End of its window, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly verdict: DriftVerdict;
  readonly rows: number;
  /** Feature → how many times its threshold it had drifted, at most 100. */
  readonly features: Readonly<Record<string, number>>;
  readonly predictions: Readonly<Record<string, number>>;
  readonly performance: Readonly<Record<string, number>>;
}

/** A threshold of 0, or a p-value of 0, makes any drift endless; nobody needs to see how endless. */
const most = 100;

export function pastLook(look: Look, atMs: number): PastLook {
  const { drift, predictions, performance } = look;
  return {
    atMs,
    verdict: concludeLook(look).verdict,
    rows: drift.rows,
    features: severities(drift.features),
    predictions: severities(predictions?.features ?? []),
    performance: performance?.metrics ?? {},
  };
}

function severities(features: readonly FeatureDrift[]): Record<string, number> {
  return Object.fromEntries(features.map((one) => [one.feature, Math.min(most, severity(one))]));
}
