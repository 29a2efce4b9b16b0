import type { ModelRef } from './model.js';
import type { SourceRef } from './source.js';

/** A model version asked onto an endpoint. */
export interface Release {
  /** Business key: lifecycle id + environment. */
  readonly id: string;
  readonly lifecycleId: string;
  readonly lifecycleRunId: string;
  readonly project: string;
  readonly source: SourceRef;
  readonly model: ModelRef;
  readonly environment: string;
  /** Milliseconds since the epoch at which it was asked for. */
  readonly requestedAt: number;
  /** Only builds and tests the deployment of a batch endpoint, so that people see the result before they approve. */
  readonly trial?: true;
}

/** A release that has (or had) traffic. */
export interface DeployedRelease {
  readonly releaseId: string;
  readonly deployment: string;
  readonly model: ModelRef;
  readonly commit: string;
  readonly deployedAt: number;
  /** What made it, so that it can be built again; absent when something else did and it was adopted. */
  readonly release?: Release;
  /** How long building it took. */
  readonly builtInMs?: number;
}

export type ReleaseResult =
  | {
      readonly kind: 'deployed';
      readonly deployment: string;
      readonly scoringUri: string;
      readonly summary: string;
    }
  | { readonly kind: 'tried'; readonly deployment: string; readonly summary: string }
  | { readonly kind: 'rolled_back'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'superseded'; readonly by: string }
  | { readonly kind: 'withdrawn' };

/** Deployment name → percent of the requests. */
export type Traffic = Readonly<Record<string, number>>;
