export { driftReport } from './drift.js';
export type { DriftAnalysis, FeatureDrift, Histogram, Distribution } from '../domain/drift.js';
export type { DriftReportInput } from './drift-types.js';
export { evaluationReport } from './evaluation.js';
export type { Report } from './evaluation.js';
export type { EvaluationReportInput } from './metrics.js';
