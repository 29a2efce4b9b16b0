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
import type { CollectedWindow } from '../domain/collected-paths.js';
import { endpointHealth, type EndpointHealth } from '../domain/endpoint-health.js';
import type { Measured } from '../domain/monitoring.js';
import type { MonitorPlan } from '../domain/project.js';

/** Clients of the workspace that serves and of the one that trains. */
export interface Clients {
  readonly endpoint: AzureMl;
  readonly training: AzureMl;
}

export interface Watched {
  readonly endpoint: string;
  readonly window: CollectedWindow;
}

/** Measures a look here, by what it downloads into `dir`. */
export async function measureHere(
  clients: Clients,
  monitor: MonitorPlan,
  { endpoint, window }: Watched,
  dir: string,
): Promise<Measured> {
  const collect = (collection: string): Promise<string[]> =>
    downloadCollected(clients.endpoint, { endpoint, collection, ...window }, join(dir, collection));
  const { predictions, performance } = monitor;
  const answers = predictions !== undefined || performance !== undefined;
  const [inputs, outputs, baseline, labels, { measureLook }] = await Promise.all([
    collect('model_inputs'),
    answers ? collect('model_outputs') : [],
    baselineOf(clients.training, monitor).then(({ uri }) =>
      downloadAsset(clients.training, uri, join(dir, 'baseline')),
    ),
    labelsOf(clients.training, monitor).then((data) =>
      data === undefined ? undefined : downloadAsset(clients.training, data.uri, join(dir, 'labels')),
    ),
    import('../monitoring/index.js'),
  ]);
  const files = { inputs, outputs, baseline, ...(labels !== undefined && { labels }) };
  return await measureLook(files, monitor, window);
}

/** The traffic log may not be there, or not be readable: drift is worth telling without it. */
export async function healthOf(
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

type Data = NonNullable<Awaited<ReturnType<typeof dataVersion>>>;

/** Data that the model was trained on; a name that means none is a mistake in mlops.yaml. */
export async function baselineOf(ml: AzureMl, { baseline }: MonitorPlan): Promise<Data> {
  const data = await dataAt(ml, baseline);
  if (data !== undefined) return data;
  throw ApplicationFailure.nonRetryable(
    `monitor.baseline ${baseline} names no data asset of workspace ${ml.target.alias}; expected azureml:<name>@latest or azureml:<name>:<version>`,
    'SpecInvalid',
  );
}

/** What turned out to be true; undefined where nobody asks for it, and where there is none yet. */
export async function labelsOf(ml: AzureMl, { performance }: MonitorPlan): Promise<Data | undefined> {
  return performance === undefined ? undefined : await dataAt(ml, performance.labels);
}

async function dataAt(ml: AzureMl, reference: string): Promise<Data | undefined> {
  const [, name, version] = /^azureml:([^:@]+)(?:[:@](.+))?$/.exec(reference) ?? [];
  return name === undefined ? undefined : await dataVersion(ml, name, version ?? 'latest');
}
