import { relative } from 'node:path/posix';
import { Document, isMap, type Pair, type Scalar } from 'yaml';
import type { Proposal } from './proposal.js';

/** `mlops.yaml`: what was found, and nothing that is the default anyway. */
export function projectText(proposal: Proposal): string {
  const { name, path, training, serving, setup } = proposal;
  const from = (file: string): string => relative(path === '.' ? '' : path, file);
  const files = [...setup.existing.map(from), ...Object.keys(setup.written)];
  const document = new Document({
    version: 1,
    name,
    ...(files.length === 0 ? {} : { setup: files }),
    train: trainOf(proposal, from),
    ...(training.gate === undefined ? {} : { gate: training.gate }),
    ...(serving?.model === undefined || serving.model === name ? {} : { register: { name: serving.model } }),
    ...(serving === undefined ? {} : { environments: environmentsOf(proposal, from) }),
  });
  comment(
    document,
    'train',
    ' The job is your own file, unchanged; `set` overrides it as `az ml --set` does.',
  );
  if (training.gate === undefined) {
    document.comment =
      ' gate: AUC >= 0.75   # without a gate every model that finishes passes; name a metric that the run logs';
  } else {
    const { metric, goal } = training.gate;
    const bound = goal === 'maximize' ? '>= 0.75' : '<= 10';
    comment(
      document,
      'gate',
      ` At least as good as what serves now. To set a bound too: require: {${quoted(metric)}: "${bound}"}`,
    );
  }
  if (serving !== undefined) {
    comment(
      document,
      'environments',
      ' In order; the last one is production: one person with maintain approves, then 10 % → 50 % → 100 %.',
    );
  }
  return document.toString({ lineWidth: 110, flowCollectionPadding: true });
}

const quoted = (text: string): string => (/^\w+$/.test(text) ? text : JSON.stringify(text));

function comment(document: Document, key: string, text: string): void {
  if (!isMap(document.contents)) return;
  const pair = document.contents.items.find((item) => (item as Pair<Scalar>).key.value === key);
  if (pair === undefined) return;
  const scalar = (pair as Pair<Scalar>).key;
  scalar.commentBefore = text;
  scalar.spaceBefore = true;
}

function trainOf({ training }: Proposal, from: (file: string) => string) {
  const { job, set, model, metricsFrom } = training;
  const extra = {
    ...(Object.keys(set).length === 0 ? {} : { set }),
    ...(metricsFrom === undefined ? {} : { metrics_from: metricsFrom }),
    ...(model === undefined ? {} : { model }),
  };
  return Object.keys(extra).length === 0 ? from(job) : { job: from(job), ...extra };
}

function environmentsOf({ serving }: Proposal, from: (file: string) => string) {
  if (serving === undefined) return {};
  const { endpoint, deployment, name, stagingName, set, requests } = serving;
  const files = {
    endpoint: from(endpoint),
    deployment: from(deployment),
    ...(requests === undefined ? {} : { test: { requests: from(requests) } }),
  };
  if (stagingName === undefined) return { production: { ...files, set: { 'endpoint.name': name, ...set } } };
  return {
    staging: { ...files, set: { 'endpoint.name': stagingName, ...set } },
    production: { extends: 'staging', set: { 'endpoint.name': name } },
  };
}
