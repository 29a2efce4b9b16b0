import type { Gain } from './bootstrap.js';
import type { SignatureChange } from './contract.js';
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
  /** Where the gate has a job for it: `metrics` hold what it measured. */
  readonly evaluation?: HeldOutScore & GainOverChampion;
  /** What its signature changes for callers of the champion; absent where there is none to be held against. */
  readonly contract?: SignatureChange;
}

/** A model scored by the gate's evaluation job. */
export interface HeldOutScore {
  readonly job: string;
  readonly link: string;
  /** Input → data asset version, of the evaluation alone. */
  readonly data: Readonly<Record<string, string>>;
}

/** A candidate and the champion row by row: the gain, or why it has no interval. Neither, where there is no champion. */
export interface GainOverChampion {
  readonly gain?: Gain;
  readonly unsure?: string;
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
  /** What its metrics were measured with: input → data asset version. Absent where an older worker read it. */
  readonly data?: Readonly<Record<string, string>>;
  /** Where the gate has a job for it: scored anew, beside the challengers; or why it could not be. */
  readonly evaluation?: HeldOutScore | { readonly problem: string };
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
