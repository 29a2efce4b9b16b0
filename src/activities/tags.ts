import type { Lineage } from '../domain/model.js';
import type { At } from './contract.js';

/** Everything created says what it belongs to, so that what nobody owns can be found. */
export const lifecycleTag = 'mlops.lifecycle';
const metricPrefix = 'mlops.metric.';
const dataPrefix = 'mlops.data.';

type Tags = Readonly<Record<string, string>>;

export function workTags({ source, project, lifecycleId }: At & { readonly lifecycleId: string }): Tags {
  return {
    'mlops.project': project,
    'mlops.repository': source.repository,
    'mlops.commit': source.commit,
    [lifecycleTag]: lifecycleId,
  };
}

/** Lineage as tags of a model version, for people and for the next gate. */
export function lineageTags(lineage: Lineage, hash: string): Tags {
  return {
    'mlops.repository': lineage.repository,
    'mlops.project': lineage.project,
    'mlops.commit': lineage.commit,
    'mlops.candidate': lineage.candidate,
    'mlops.job': lineage.job,
    'mlops.code': lineage.codeHash,
    'mlops.hash': hash,
    ...prefixed(dataPrefix, lineage.data),
    ...prefixed(metricPrefix, lineage.metrics),
  };
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
