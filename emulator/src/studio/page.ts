import type { ComponentChild } from 'preact';
import type { EmulatorContext } from '../context.js';
import type { RequestLog } from '../control/request-log.js';
import type { Scoring } from '../scoring/index.js';
import type { JobIndex } from './job-index.js';
import type { Series } from './metric-histories.js';
import type { Scope } from './scope.js';

/** What pages are made from. */
export interface StudioParts {
  readonly ctx: EmulatorContext;
  readonly requests: RequestLog;
  readonly scoring: Scoring;
  /** All workspaces, by name. */
  readonly scopes: () => readonly Scope[];
  /** All registries, by name. */
  readonly registries: () => readonly Scope[];
  readonly jobs: JobIndex;
  readonly metricsOf: (workspaceId: string, runId: string) => readonly Series[];
}

/** Log text as it comes, written to a page that is open. */
export type LogSource =
  | { readonly kind: 'blob'; readonly container: string; readonly path: string }
  | { readonly kind: 'container'; readonly deploymentId: string };

/** One page, without what stands around it. */
export interface Page {
  readonly title: string;
  /** Which part of the navigation it belongs to. */
  readonly section: string;
  readonly body: ComponentChild;
  /** 200 unless given. */
  readonly status?: number;
  readonly scope?: Scope | undefined;
  readonly log?: LogSource | undefined;
}

/** A page of a workspace that is asked for: `rest` are the decoded segments behind its section. */
export interface Asked {
  readonly parts: StudioParts;
  readonly scope: Scope;
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
}

/** Makes a page; undefined when there is nothing of that name. */
export type MakePage = (asked: Asked) => Promise<Page | undefined> | Page | undefined;
