import type { CandidateResult } from './evaluation.js';
import { plural } from './text.js';

/** What came of loading a model in a clean environment, by a job. */
export interface PackageFacts {
  readonly job: string;
  readonly link: string;
  /** Of the environment that was made for it. */
  readonly python: string;
  readonly packages: number;
  /** Whether the model was logged with a sample, and so was scored. */
  readonly sample: boolean;
  readonly signature: boolean;
  /** Of the sample. */
  readonly rows?: number;
}

/** One sentence, with what the package lacks. */
export function packageText({ python, packages, sample, signature, rows }: PackageFacts): string {
  const where = `a clean environment (Python ${python}, ${plural(packages, 'package')})`;
  const scored = sample
    ? `and answers its sample${rows === undefined ? '' : ` of ${plural(rows, 'row')}`}`
    : 'but was not scored: it was logged without input_example';
  return `loads in ${where} ${scored}${signature ? '' : '; it has no signature, so nobody can tell what breaks its callers'}`;
}

/** Models of other kinds than MLflow's say nothing of how they are loaded: a test of their deployment tells. */
export function isPackage(candidate: CandidateResult): boolean {
  return candidate.kind === 'finished' && candidate.model?.type === 'mlflow_model';
}
