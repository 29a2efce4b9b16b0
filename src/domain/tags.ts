import type { Lineage } from './model.js';
import type { SourceRef } from './source.js';

/** Everything created says what it belongs to, so that what nobody owns can be found. */
export const lifecycleTag = 'mlops.lifecycle';
export const projectTag = 'mlops.project';
export const repositoryTag = 'mlops.repository';
/** With this tag nothing is tidied away; its value says why or by whom. */
export const keepTag = 'mlops.keep';
/** On a job whose outputs are being deleted, or are gone: nothing may use it again. */
export const outputsTag = 'mlops.outputs';
export const outputsGone = 'deleted';
/** On a model: what of its signature breaks callers of the champion that it was judged against. */
export const contractTag = 'mlops.contract';
/** On a model: where its card lies, in the workspace that trained it. */
export const cardTag = 'mlops.card';
/** Azure takes no longer value of a tag. */
export const longestTag = 256;
const metricPrefix = 'mlops.metric.';
const dataPrefix = 'mlops.data.';

export type Tags = Readonly<Record<string, string>>;

/** What a thing made for a lifecycle belongs to. */
export interface Work {
  readonly source: SourceRef;
  readonly project: string;
  readonly lifecycleId: string;
}

export function workTags({ source, project, lifecycleId }: Work): Tags {
  return {
    [projectTag]: project,
    [repositoryTag]: source.repository,
    'mlops.commit': source.commit,
    [lifecycleTag]: lifecycleId,
  };
}

/** Lineage as tags of a model version, for people and for the next gate. */
export function lineageTags(lineage: Lineage, hash: string): Tags {
  return {
    [repositoryTag]: lineage.repository,
    [projectTag]: lineage.project,
    'mlops.commit': lineage.commit,
    'mlops.candidate': lineage.candidate,
    'mlops.job': lineage.job,
    'mlops.code': lineage.codeHash,
    'mlops.hash': hash,
    ...prefixed(dataPrefix, lineage.data),
    ...prefixed(metricPrefix, lineage.metrics),
  };
}

export function isKept(tags: Tags): boolean {
  return keepTag in tags;
}

/** Metrics that a model version was registered with. */
export function metricsOf(tags: Tags): Record<string, number> {
  const entries = Object.entries(unprefixed(metricPrefix, tags)).map(
    ([name, value]) => [name, Number(value)] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => Number.isFinite(value)));
}

export function dataOf(tags: Tags): Record<string, string> {
  return unprefixed(dataPrefix, tags);
}

function prefixed(prefix: string, values: Readonly<Record<string, string | number>>): Tags {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${prefix}${name}`, String(value)]),
  );
}

function unprefixed(prefix: string, tags: Tags): Record<string, string> {
  const entries = Object.entries(tags).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
}
