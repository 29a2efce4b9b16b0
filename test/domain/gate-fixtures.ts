import type { FinishedCandidate } from '../../src/domain/evaluation.js';
import type { Gate } from '../../src/domain/project.js';

export const gate: Gate = {
  metric: 'AUC',
  goal: 'maximize',
  require: { AUC: { op: '>=', value: 0.75 } },
  minImprovement: 0.005,
};
export const champion = { model: 'diabetes', version: '3f2a', commit: 'c', metrics: { AUC: 0.85 } };

export function finished(
  candidate: string,
  metrics: Record<string, number>,
  hasModel = true,
): FinishedCandidate {
  return {
    kind: 'finished',
    candidate,
    job: `job-${candidate}`,
    reused: false,
    metrics,
    ...(hasModel && { model: { type: 'mlflow_model' as const, path: 'model' } }),
    codeHash: 'h',
    data: {},
    seconds: 1,
    link: 'https://ml.azure.com',
  };
}
