export { readPredicted } from './curves.js';
export { readPaired } from './pairing.js';
export { analyse } from './analyse.js';
export { readMeasured } from './job/result.js';
export { measureLook } from './measure-look.js';
export { UnreadableData } from './types.js';
export type {
  Distribution,
  DriftAnalysis,
  DriftMetric,
  DriftVerdict,
  FeatureDrift,
  FeatureType,
  Histogram,
  QualityFinding,
} from '../domain/drift.js';
export type { AnalyseInput } from './types.js';
export { validateData } from './validate.js';
export type { Validation } from './validate.js';
export { measurePerformance } from './performance.js';
export type { PerformanceInput } from './performance.js';
