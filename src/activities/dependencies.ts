import type { Client } from '@temporalio/client';
import type { AzureMl } from '../azureml/index.js';
import type { Policy, WorkspaceTarget } from '../domain/policy.js';
import type { GitHub } from '../github/index.js';
import { workflowLink } from '../temporal/links.js';

/** What activities work with; made once by the worker, or by a test. */
export interface Dependencies {
  readonly github: GitHub;
  readonly temporal: Client;
  /** Absent: local use alone is served. */
  readonly policy?: Policy;
  /** A workspace's client with the credential that its target names. */
  readonly azure: (target: WorkspaceTarget) => AzureMl;
  /** Folder of fetched sources. */
  readonly cacheDir: string;
  /** Whether Temporal and Azure ML are both on this machine. */
  readonly loopback: boolean;
  /** `verify: none` off loopback, by explicit opt-in. */
  readonly allowUnverified: boolean;
  /** Principals that the workers are attested as; empty: not known, and no principal proves anything. */
  readonly workers: readonly string[];
  readonly links: Links;
  /** How late Azure's traffic log shows a request, milliseconds; 0 when absent. */
  readonly logsDelayMs?: number;
  readonly prometheusUrl?: string;
}

/** Where people look; each is absent when the worker was not told. */
export interface Links {
  /** `http://127.0.0.1:8233` */
  readonly temporalUi?: string;
  readonly namespace: string;
}

/** Page of a workflow, where the worker was told of a Temporal UI. */
export function linkTo({ temporalUi, namespace }: Links, workflowId: string): string | undefined {
  return temporalUi === undefined ? undefined : workflowLink(temporalUi, namespace, workflowId);
}
