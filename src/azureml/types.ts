import type { ModelType } from '../domain/model.js';
import type { GitState } from './git-properties.js';

/** Views: what the rest of the project sees of Azure's resources. All are plain JSON. */

export type Json = Readonly<Record<string, unknown>>;
export type Tags = Readonly<Record<string, string>>;

export interface JobView {
  readonly name: string;
  /** As Azure spells it, e.g. `Running`. */
  readonly status: string;
  /** Completed, Failed and Canceled only: Azure may take every other status back. */
  readonly final: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** How long it ran, as far as known. */
  readonly seconds?: number;
  readonly error?: string;
  readonly studioUrl: string;
  readonly tags: Tags;
  readonly properties: Tags;
  readonly outputs: Readonly<Record<string, JobOutput>>;
}

export interface JobOutput {
  /** `uri_folder`, `mlflow_model`, … */
  readonly type: string;
  readonly uri?: string;
  readonly assetName?: string;
  readonly assetVersion?: string;
}

/** What to PUT for a job, and what it was made from. */
export interface PreparedJob {
  /** SHA-256 of the canonical resolved body without name, tags, texts and experiment: equal means the same work. */
  readonly requestHash: string;
  readonly body: Json;
  /** Empty when the job brings no code. */
  readonly codeHash: string;
  /** Input name → `asset:version`, or the URI where it is no asset. */
  readonly data: Readonly<Record<string, string>>;
}

export interface JobOptions {
  readonly displayName: string;
  readonly experiment: string;
  readonly tags: Tags;
  readonly properties: Tags;
  /** Where its files come from, when that is a commit. */
  readonly git?: GitState;
  /** Data asset → version to use for `@latest`. */
  readonly pins?: Readonly<Record<string, string>>;
}

/** A model that a run left behind. */
export interface JobModel {
  readonly type: ModelType;
  /** `azureml://jobs/{job}/outputs/{output}/paths/{path}` */
  readonly path: string;
  readonly flavors?: Json;
  /** SHA-256 over the blobs' names, sizes and MD5s (contents where Azure holds no MD5). */
  readonly hash: string;
}

export interface ModelView {
  readonly name: string;
  readonly version: string;
  readonly type: ModelType;
  readonly uri: string;
  readonly tags: Tags;
  readonly properties: Tags;
  readonly flavors: Json;
  readonly description?: string;
  readonly jobName?: string;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
  readonly id: string;
}

export interface NewModel {
  readonly name: string;
  readonly version: string;
  readonly type: ModelType;
  /** `azureml://…` */
  readonly path: string;
  readonly flavors?: Json;
  readonly job?: string;
  readonly tags: Tags;
  readonly properties?: Tags;
  readonly description?: string;
}

export interface DataView {
  readonly name: string;
  readonly version: string;
  /** `uri_file`, `uri_folder` or `mltable`. */
  readonly type: string;
  readonly uri: string;
  readonly tags: Tags;
  readonly id: string;
}

export interface EndpointView {
  readonly name: string;
  readonly id: string;
  readonly location: string;
  readonly scoringUri?: string;
  /** Deployment → percent; without zero entries, keys in lower case as Azure keeps them. */
  readonly traffic: Readonly<Record<string, number>>;
  readonly mirrorTraffic: Readonly<Record<string, number>>;
  readonly provisioningState: string;
  /** `Key`, `AMLToken` or `AADToken`. */
  readonly authMode: string;
  readonly tags: Tags;
  /** The whole resource as Azure answers it. */
  readonly raw: Json;
}

export interface DeploymentView {
  readonly name: string;
  readonly id: string;
  /** ARM id of the model version. */
  readonly model?: string;
  readonly provisioningState: string;
  readonly instanceType?: string;
  readonly instanceCount?: number;
  readonly tags: Tags;
  readonly createdAt?: number;
  readonly raw: Json;
}

export interface PreparedEndpoint {
  readonly name: string;
  readonly body: Json;
}

export interface PreparedDeployment {
  /** `d-` and 10 digits of `hash`: another model or body is another deployment, so a PUT never edits a live one. */
  readonly name: string;
  /** SHA-256 of model name, model version and the canonical body without tags. */
  readonly hash: string;
  readonly body: Json;
  /** Of a batch deployment the compute that its jobs run on. */
  readonly instanceType: string;
  readonly instanceCount: number;
}

export interface ScoreResult {
  readonly status: number;
  readonly body: string;
  readonly durationMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface SetupItem {
  /** `resourceGroup`, `workspace`, or the kind of its file (`amlCompute`, `data`, …). */
  readonly kind: string;
  readonly name: string;
  readonly exists: boolean;
  readonly change: 'none' | 'create' | 'update';
  /** `properties.scaleSettings.maxNodeCount: 2 → 4` */
  readonly detail: readonly string[];
  /** Relative to the project's folder; absent for what belongs to no file. */
  readonly file?: string;
}
