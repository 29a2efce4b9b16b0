import type { Signal } from './signals.js';
import { defaultDrift, defaultQuality } from './thresholds.js';

const ofTables: Readonly<Record<string, Signal>> = {
  'data-drift-signal': { type: 'data_drift', features: 'all_features', metric_thresholds: defaultDrift },
  'prediction-drift-signal': { type: 'prediction_drift', metric_thresholds: defaultDrift },
  'data-quality-signal': {
    type: 'data_quality',
    features: 'all_features',
    metric_thresholds: defaultQuality,
  },
};
const ofText: Readonly<Record<string, Signal>> = {
  'token-usage-signal': { type: 'generation_token_statistics' },
};

/** What a monitor of a deployment watches when its file names no signals. */
export function defaultSignals(task: string | undefined): Readonly<Record<string, Signal>> {
  return task === 'questionanswering' ? ofText : ofTables;
}
