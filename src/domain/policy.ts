import type { Verification } from './project.js';
import type { Operators } from './steering.js';

/** What the operators allow, read by the worker from `policy.yml`; a commit can only tighten it. */
export interface Policy {
  readonly workspaces: Readonly<Record<string, WorkspaceTarget>>;
  /** Absent where an older worker read the file. */
  readonly registries?: Readonly<Record<string, RegistryTarget>>;
  readonly projects: readonly ProjectPolicy[];
  /** Principals that a Temporal server attests the workers as; absent: the worker's own token tells. */
  readonly workers?: readonly string[];
}

/** An Azure ML workspace behind an alias. Credentials are named, never held here. */
export interface WorkspaceTarget {
  readonly alias: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly location: string;
  /** Workers whose identity may touch this workspace poll this queue. */
  readonly taskQueue: string;
  /** Name of a credential in the worker's settings; `default` is DefaultAzureCredential. */
  readonly credential: string;
  /** ARM id of the Log Analytics workspace that holds the endpoints' traffic log; made by setup when absent. */
  readonly logAnalytics?: string;
}

/** An Azure ML registry behind an alias: models cross by it from one workspace to others. */
export interface RegistryTarget {
  readonly alias: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
}

export interface ProjectPolicy {
  readonly name: string;
  /** `owner/name` on GitHub. */
  readonly repository: string;
  /** Folder of its `mlops.yaml`. */
  readonly path: string;
  /** Alias of the workspace that trains. */
  readonly workspace: string;
  /** Workspace alias → endpoint names that this project owns. */
  readonly endpoints: Readonly<Record<string, readonly string[]>>;
  /** Aliases of registries that this project may put its models into. */
  readonly registries?: readonly string[];
  readonly setup: 'check' | 'apply';
  readonly environments: Readonly<Record<string, LeastApproval>>;
  /** Logins, principals and `@org/team`s that may pause, hold, abort and roll back. */
  readonly operators: Operators;
}

/** The least that an environment's approval must ask for; `mlops.yaml` may ask for more. */
export interface LeastApproval {
  readonly required: number;
  readonly approvers?: readonly string[];
  readonly verify: readonly Verification[];
  /** Most rejections that `mlops.yaml` may wait for; default 1. */
  readonly maxRejections?: number;
  readonly maxExpiresMs?: number;
  readonly allowAuthors: boolean;
}
