import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import {
  type AzureMl,
  dataVersion,
  downloadAsset,
  downloadCollected,
  listDeployments,
  requestStats,
} from '../azureml/index.js';
import { endpointHealth, type EndpointHealth } from '../domain/endpoint-health.js';
import type { Look } from '../domain/monitoring.js';
import { judgePerformance } from '../domain/performance.js';
import type { MonitorPlan } from '../domain/project.js';
import type { PerformanceInput } from '../monitoring/index.js';

/** Clients of the workspace that serves and of the one that trains. */
interface Clients {
  readonly endpoint: AzureMl;
  readonly training: AzureMl;
}

interface Watched {
  readonly endpoint: string;
  readonly window: { readonly fromMs: number; readonly toMs: number };
}

/** One look: what came in, what went out, how good it was as far as labels tell, and how the endpoint answered. */
export async function lookAt(
  clients: Clients,
  monitor: MonitorPlan,
  watched: Watched,
  dir: string,
): Promise<Look> {
  const { endpoint, window } = watched;
  const collect = (collection: string): Promise<string[]> =>
    downloadCollected(clients.endpoint, { endpoint, collection, ...window }, join(dir, collection));
  const { predictions: predicted, performance: plan } = monitor;
  const answers = predicted !== undefined || plan !== undefined;
  const [inputs, outputs, baseline, { analyse }] = await Promise.all([
    collect('model_inputs'),
    answers ? collect('model_outputs') : [],
    downloadBaseline(clients.training, monitor.baseline, join(dir, 'baseline')),
    import('../monitoring/index.js'),
  ]);
  const shared = {
    baseline: [baseline],
    windowFromMs: window.fromMs,
    windowToMs: window.toMs,
    plan: monitor,
    ...(monitor.mode !== undefined && { mode: monitor.mode }),
  };
  const drift = await analyse({ ...shared, collectedInputs: inputs });
  const predictions =
    predicted === undefined
      ? undefined
      : await analyse({
          ...shared,
          collectedInputs: outputs,
          features: [predicted.baseline],
          carriedAs: { [predicted.baseline]: predicted.output },
        });
  const health = await healthOf(clients.endpoint, watched);
  if (plan === undefined) return { drift, ...health, ...(predictions !== undefined && { predictions }) };
  const labels = await download(clients.training, plan.labels, join(dir, 'labels'));
  const columns = { columns: plan, windowFromMs: window.fromMs, windowToMs: window.toMs };
  return {
    drift,
    ...health,
    ...(predictions !== undefined && { predictions }),
    performance: await judged({ ...columns, collectedOutputs: outputs }, labels, plan, monitor.minRows),
  };
}

type PerformancePlan = NonNullable<MonitorPlan['performance']>;

/** Labels come later than predictions: until they do, and where they cannot be read, there is nothing to judge by. */
async function judged(
  input: Omit<PerformanceInput, 'labels'>,
  labels: string | undefined,
  { labels: asset, require }: PerformancePlan,
  minRows: number,
): Promise<NonNullable<Look['performance']>> {
  const nothing = (reason: string): NonNullable<Look['performance']> => ({
    ...{ labelled: 0, predictions: 0, metrics: {} },
    ...{ verdict: 'missing_data', checks: [`${reason} ✗`] },
  });
  if (labels === undefined) return nothing(`there are no labels yet: no data asset ${asset}`);
  const { measurePerformance, UnreadableData } = await import('../monitoring/index.js');
  try {
    const performance = await measurePerformance({ ...input, labels: [labels] });
    return { ...performance, ...judgePerformance(performance, require, minRows) };
  } catch (error) {
    if (!(error instanceof UnreadableData)) throw error;
    return nothing(`labels of ${asset}: ${error.message}`);
  }
}

/** The traffic log may not be there, or not be readable: drift is worth telling without it. */
async function healthOf(
  ml: AzureMl,
  { endpoint, window }: Watched,
): Promise<{ readonly health: EndpointHealth } | { readonly notes: string[] }> {
  try {
    const deployments = await listDeployments(ml, endpoint);
    const rows = await Promise.all(
      deployments.map(({ name }) => requestStats(ml, { endpoint, deployment: name, ...window })),
    );
    return { health: endpointHealth(rows.flat()) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { notes: [`how the endpoint answered could not be read: ${reason}`] };
  }
}

async function downloadBaseline(ml: AzureMl, reference: string, dir: string): Promise<string> {
  const path = await download(ml, reference, dir);
  if (path !== undefined) return path;
  throw ApplicationFailure.nonRetryable(
    `monitor.baseline ${reference} names no data asset of workspace ${ml.target.alias}; expected azureml:<name>@latest or azureml:<name>:<version>`,
    'SpecInvalid',
  );
}

/** Files of a data asset; undefined where there is none of this name. */
async function download(ml: AzureMl, reference: string, dir: string): Promise<string | undefined> {
  const [, name, version] = /^azureml:([^:@]+)(?:[:@](.+))?$/.exec(reference) ?? [];
  const data = name === undefined ? undefined : await dataVersion(ml, name, version ?? 'latest');
  return data === undefined ? undefined : await downloadAsset(ml, data.uri, dir);
}
