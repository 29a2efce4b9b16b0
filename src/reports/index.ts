export { driftReport } from './drift.js';
export type {
  DriftFigures,
  DriftReportInput,
  FeatureFigures,
  HistogramFigures,
  SideFigures,
} from './drift-types.js';
export { evaluationReport } from './evaluation.js';
export type { Report } from './evaluation.js';
export type { EvaluationReportInput } from './metrics.js';
