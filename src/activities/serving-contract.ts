import type { EvidenceDigest } from '../domain/approval.js';
import type { Comparison } from '../domain/comparison.js';
import type { BatchTestResult, RequestStats, TestResult } from '../domain/health.js';
import type { ModelRef } from '../domain/model.js';
import type { EndpointKind, MetricRule } from '../domain/project.js';
import type { Release, Traffic } from '../domain/release.js';
import type { EndpointSurvey, RetirementOrder } from '../domain/retirement.js';
import type {
  At,
  BatchTestJob,
  EndpointOf,
  EndpointSnapshot,
  JobEnd,
  Operation,
  PlannedDeployment,
} from './payloads.js';

/** An endpoint that goes, and by whose word. */
interface Retiring extends EndpointOf {
  readonly order: RetirementOrder;
}

/** What an endpoint's owner, and whoever asks it for a place, may ask of the workspace that it serves from. */
export interface ServingActivities {
  readEndpoint(input: EndpointOf): Promise<EndpointSnapshot>;
  /** `kind`: what its owner holds it for; refused where the environment now asks for the other. */
  beginEndpoint(input: {
    readonly release: Release;
    readonly kind?: EndpointKind;
  }): Promise<Operation | null>;
  /** Copies the model into the target workspace if need be and says what the deployment will be called. */
  planDeployment(input: { readonly release: Release }): Promise<PlannedDeployment>;
  beginDeployment(input: {
    readonly release: Release;
    readonly deployment: string;
  }): Promise<Operation | null>;
  beginDeleteDeployment(input: EndpointOf & { readonly deployment: string }): Promise<Operation | null>;
  /** Starts the job that scores `test.input` on a deployment of a batch endpoint, or finds it. */
  submitBatchTest(input: {
    readonly release: Release;
    readonly deployment: string;
    /** Rises when the name of an earlier try is spent. */
    readonly attempt: number;
  }): Promise<BatchTestJob>;
  judgeBatchTest(input: {
    readonly release: Release;
    readonly job: string;
    readonly end: JobEnd;
  }): Promise<BatchTestResult>;
  testDeployment(input: {
    readonly release: Release;
    readonly endpoint: string;
    readonly deployment: string;
  }): Promise<TestResult>;
  collectEvidence(input: {
    readonly release: Release;
    readonly runId: string;
    /** What a steering message would change about it. */
    readonly steering?: string;
  }): Promise<EvidenceDigest>;
  /** Takes over a deployment that serves and that something else made; `commit` is empty where no tag tells it. */
  adoptDeployment(
    input: EndpointOf & { readonly deployment: string },
  ): Promise<{ readonly model: ModelRef; readonly commit: string }>;
  /**
   * The last guard: for a challenger it reads rule, evidence and decisions again by itself and refuses (`NotApproved`)
   * unless they allow this traffic; then begins the change. `null`: it is so already.
   */
  beginTraffic(
    input: EndpointOf & {
      /** Of a batch endpoint all of it, for its default deployment. */
      readonly traffic: Traffic;
      readonly mirror: Traffic;
      /** Absent when traffic goes back to what it was. */
      readonly release?: Release;
    },
  ): Promise<Operation | null>;
  /** Names of endpoints that this project made and that none of its environments in force names any more. */
  strandedEndpoints(input: At & { readonly workspace: string }): Promise<string[]>;
  /** What an endpoint holds, and who called it in the last `days`. */
  surveyEndpoint(input: EndpointOf & { readonly days: number }): Promise<EndpointSurvey>;
  /** The last guard before an endpoint goes; then its record is begun. @throws `NotApproved` */
  beginRetirement(input: Retiring): Promise<{ readonly path: string }>;
  /** Guarded alike: deletes the endpoint with what is left on it. */
  beginDeleteEndpoint(input: Retiring): Promise<Operation | null>;
  /** Archives model versions that nothing else serves, and ends the record. One line a model version. */
  finishRetirement(input: Retiring): Promise<{ readonly models: readonly string[] }>;
  requestStats(input: {
    readonly workspace: string;
    readonly endpoint: string;
    readonly deployment: string;
    readonly fromMs: number;
    readonly toMs: number;
  }): Promise<RequestStats>;
  /** What both deployments answered in a window, and what else the rollout's plan measures. */
  compareDeployments(input: {
    readonly workspace: string;
    readonly endpoint: string;
    readonly challenger: string;
    readonly champion?: string;
    readonly fromMs: number;
    readonly toMs: number;
    /** How much slower than the champion still counts as equal, as a share. */
    readonly slower: number;
    /** Whether collected predictions are compared too. */
    readonly predictions: boolean;
    readonly metrics: readonly MetricRule[];
  }): Promise<Comparison>;
}
