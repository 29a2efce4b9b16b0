/**
 * Where a lifecycle's files come from. Payloads carry this reference, never files: every worker fills its own
 * cache from it.
 */
export interface SourceRef {
  /** `owner/name` on GitHub. */
  readonly repository: string;
  /** Full commit SHA; for an uncommitted tree the digest of its contents. */
  readonly commit: string;
  /** `refs/heads/main` */
  readonly ref: string;
  /** Folder of `mlops.yaml` in the repository, `.` for its root. */
  readonly path: string;
  /** Set for an uncommitted tree on the worker's own machine (`mlops start --source`), local use only. */
  readonly directory?: string;
  /** Comment by which a maintainer asks for a commit of a fork; without one such commits are refused. */
  readonly askedBy?: number;
}

/** Why a lifecycle was started; part of its business key. */
export type Trigger = 'push' | `retrain/${string}` | `retry/${string}` | `release/${string}`;
