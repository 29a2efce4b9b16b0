import type { Verification } from './project.js';

/** What an approver is asked to approve: facts read from Azure and GitHub, never from a workflow's memory. */
export interface Evidence {
  readonly project: string;
  readonly environment: string;
  readonly commit: string;
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly hash: string;
    /** The same in the registry that the environment deploys it from. */
    readonly registry?: { readonly id: string; readonly hash: string };
  };
  readonly codeHash: string;
  readonly data: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  /** Endpoint's ARM id and the deployment that would be made. */
  readonly target: {
    readonly endpoint: string;
    readonly deployment: string;
    readonly deploymentHash: string;
    /** What its file says of its cost, by the file's own keys: `instance_type: Standard_DS3_v2`. */
    readonly costs?: Readonly<Record<string, string>>;
  };
  /** Of a batch endpoint: the job that tested the deployment, and how many rows it scored. */
  readonly trial?: { readonly job: string; readonly rows: number };
  /** What callers of the champion would notice, where the project lets the model break them. */
  readonly contract?: string;
  /** The rollout as text, `mirror 10 % 10m → 10 % 10m → 100 %`. */
  readonly rollout: string;
  /** What a steering message would change, where that is the question. */
  readonly steering?: string;
}

/** Evidence reduced to what fits a history: its SHA-256 and what people read. */
export interface EvidenceDigest {
  /** SHA-256 of the canonical evidence, hexadecimal. */
  readonly digest: string;
  /** First 12 hexadecimal digits of SHA-256(run id + digest): the name of the signals that answer it. */
  readonly code: string;
  readonly evidence: Evidence;
}

export type Answer = 'approve' | 'reject';

/** One answer as it arrived, with who sent it as far as that could be proven. */
export interface Decision {
  /** Deduplicates: the comment's or the review's id, else the position of the signal. */
  readonly id: string;
  readonly answer: Answer;
  /** Digest code in the signal's name. */
  readonly code: string;
  readonly reason?: string;
  /** What the sender claims; proves nothing. */
  readonly claimedBy?: string;
  readonly proof?: Proof;
  /** What is wrong with its payload: such an answer never counts. */
  readonly problem?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** An identity that an activity verified. */
export interface Proof {
  readonly by: Verification;
  /** Login or principal; for `none` what the sender claimed, or `somebody`. */
  readonly person: string;
  /** Whether the person is on the list of approvers (login or team), or has the right by default. */
  readonly allowed: boolean;
  readonly isAuthor: boolean;
  /** Why the proof failed or the person is not allowed. */
  readonly problem?: string;
}

export interface RecordedDecision extends Decision {
  readonly counted: boolean;
  /** Why it was not counted. */
  readonly refusal?: string;
}

export type ApprovalOutcome =
  | { readonly kind: 'pending'; readonly approvals: readonly string[]; readonly missing: number }
  | { readonly kind: 'approved'; readonly by: readonly string[] }
  | { readonly kind: 'rejected'; readonly by: string; readonly reason?: string }
  | { readonly kind: 'expired' };
