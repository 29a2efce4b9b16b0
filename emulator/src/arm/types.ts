import type { EmulatorContext } from '../context.js';
import type { ArmId } from '../ids.js';
import type { Json, StoredResource } from '../resources.js';
import type { Operations } from './operations.js';

/** One request to Resource Manager, taken apart. */
export interface ArmRequest {
  readonly method: string;
  /** Decoded path without query, as the client spelled it. */
  readonly path: string;
  readonly id: ArmId;
  readonly query: Readonly<Record<string, string>>;
  /** `{}` when there was none. */
  readonly body: Json;
  /** Base URL under which the client reached us. */
  readonly base: string;
  /** What the client calls itself. */
  readonly userAgent?: string | undefined;
}

export interface ArmReply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type ArmHandler = (request: ArmRequest) => ArmReply | Promise<ArmReply>;

/** What a resource type answers; a verb that is missing is 405. */
export interface ResourceType {
  /** e.g. `Microsoft.MachineLearningServices/workspaces/jobs` */
  readonly type: string;
  readonly get?: ArmHandler;
  readonly put?: ArmHandler;
  readonly patch?: ArmHandler;
  readonly post?: ArmHandler;
  readonly remove?: ArmHandler;
  /** GET on the collection. */
  readonly list?: ArmHandler;
  /** POST on `{resource}/{action}`, by the action's lower-cased name. */
  readonly actions?: Readonly<Record<string, ArmHandler>>;
}

/** Runs jobs. All ids are lower-cased ARM ids of stored resources. */
export interface JobRunner {
  submit(jobId: string): void;
  cancel(jobId: string): Promise<void>;
}

/** Runs the scoring processes of deployments. `deploy` resolves when healthy, rejects with `{code, message}`. */
export interface DeploymentHost {
  deploy(deploymentId: string): Promise<void>;
  remove(deploymentId: string): Promise<void>;
  logs(deploymentId: string, tail: number): Promise<string>;
}

/** Runs batch scoring. */
export interface BatchScoring {
  /** Starts scoring what `invocation` (the `properties` of the request) names; gives the job that does it, marked by `_batchDeployment`. */
  score(deployment: StoredResource, invocation: Json): Promise<StoredResource>;
}

/** What the resource types work with. */
export interface ArmServices {
  readonly ctx: EmulatorContext;
  readonly operations: Operations;
  readonly runner: JobRunner;
  readonly deployments: DeploymentHost;
  /** Undefined: batch endpoints are kept and answered, and an invocation is 501. */
  readonly batch: BatchScoring | undefined;
}
