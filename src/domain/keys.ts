import type { ModelRef } from './model.js';
import type { SourceRef, Trigger } from './source.js';

/**
 * Business keys. Whatever is created is named from them, so that doing a step twice finds what the first try made.
 */

/** Id of a lifecycle: one commit's way through the phases, once for each trigger. */
export function lifecycleId(project: string, source: SourceRef, trigger: Trigger): string {
  const repository = source.repository.replace('/', '.');
  const base = `mlops/${repository}/${project}/${source.commit.slice(0, 12)}`;
  return trigger === 'push' ? base : `${base}/${trigger}`;
}

export function setupId(lifecycle: string): string {
  return `${lifecycle}/setup`;
}

/** Id of the workflow that tells GitHub what a lifecycle could not tell before its end. */
export function reportingId(lifecycle: string): string {
  return `${lifecycle}/report`;
}

export function trainingId(lifecycle: string, candidate: string): string {
  return `${lifecycle}/train/${candidate}`;
}

/** Id of the only writer of an endpoint. `workspaceHash` is from the workspace's ARM id: aliases may be renamed. */
export function endpointId(workspaceHash: string, endpoint: string): string {
  return `mlops/endpoint/${workspaceHash}/${endpoint}`;
}

export function monitorScheduleId(workspaceHash: string, endpoint: string): string {
  return `mlops/monitor/${workspaceHash}/${endpoint}`;
}

export function releaseId(lifecycle: string, environment: string): string {
  return `${lifecycle}/${environment}`;
}

/** Folder of a lifecycle's record in the default datastore. */
export function recordPath(project: string, commit: string, trigger: Trigger): string {
  const base = `mlops/${project}/${commit}`;
  return trigger === 'push' ? base : `${base}/${trigger.replaceAll(':', '-')}`;
}

/** What a registered model version is, for people. */
export function cardPath(project: string, model: NameAndVersion): string {
  return `${modelFolder(project, model)}/card.md`;
}

/** The packages that it was loaded with, as pip freezes them. */
export function lockPath(project: string, model: NameAndVersion): string {
  return `${modelFolder(project, model)}/requirements.txt`;
}

type NameAndVersion = Pick<ModelRef, 'name' | 'version'>;

function modelFolder(project: string, { name, version }: NameAndVersion): string {
  return `mlops/${project}/models/${name}-${version}`;
}

/** Record of an endpoint that was retired; `at` is when that was ordered. */
export function retirementPath(endpoint: string, at: number): string {
  return `mlops/endpoints/${endpoint}/retired/${new Date(at).toISOString().replaceAll(':', '-')}.json`;
}
