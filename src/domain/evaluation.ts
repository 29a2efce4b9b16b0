import type { Predicted } from './curves.js';
import type { ModelType } from './model.js';

/** Held-out predictions of a model, by which its report draws curves. */
export interface NamedPredicted extends Predicted {
  /** The candidate, or `champion model:version`. */
  readonly name: string;
  readonly role: 'candidate' | 'champion';
}

/** What came of one candidate's job. */
export type CandidateResult = FinishedCandidate | FailedCandidate;

export interface FinishedCandidate {
  readonly kind: 'finished';
  readonly candidate: string;
  readonly job: string;
  /** True when an earlier lifecycle had run exactly this job. */
  readonly reused: boolean;
  readonly metrics: Readonly<Record<string, number>>;
  /** Absent when the run logged no model. */
  readonly model?: { readonly type: ModelType; readonly path: string };
  readonly codeHash: string;
  readonly data: Readonly<Record<string, string>>;
  /** Seconds that the job ran. */
  readonly seconds: number;
  readonly link: string;
}

export interface FailedCandidate {
  readonly kind: 'failed';
  readonly candidate: string;
  readonly job?: string;
  readonly reason: string;
  /** Last lines of the job's log. */
  readonly log?: string;
  readonly link?: string;
}

/** The champion as the gate sees it. */
export interface ChampionScore {
  readonly model: string;
  readonly version: string;
  readonly commit: string;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface CandidateVerdict {
  readonly candidate: string;
  readonly passed: boolean;
  /** Value of the gate's metric; absent when it was not logged. */
  readonly value?: number;
  /** One sentence a check, with numbers. */
  readonly reasons: readonly string[];
}

export interface GateVerdict {
  readonly passed: boolean;
  /** The passing candidate with the best metric. */
  readonly best?: string;
  readonly verdicts: readonly CandidateVerdict[];
  /** One sentence for people. */
  readonly summary: string;
}
