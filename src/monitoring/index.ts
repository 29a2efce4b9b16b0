export { analyse } from './analyse.js';
export { UnreadableData } from './types.js';
export type {
  AnalyseInput,
  Distribution,
  DriftAnalysis,
  DriftMetric,
  DriftVerdict,
  FeatureDrift,
  FeatureType,
  Histogram,
  QualityFinding,
} from './types.js';
export { validateData } from './validate.js';
export type { Validation } from './validate.js';
