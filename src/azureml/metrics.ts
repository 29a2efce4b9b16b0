import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';

interface Workspace {
  readonly properties: { readonly mlFlowTrackingUri?: string };
}

const bases = new WeakMap<AzureMl, Promise<string>>();

/**
 * Address of MLflow's REST API: the workspace's own `mlFlowTrackingUri`, never built, since its path differs between
 * workspaces. On loopback the emulator speaks plain http there, as everywhere.
 */
function mlflowBase(ml: AzureMl): Promise<string> {
  const known = bases.get(ml);
  if (known !== undefined) return known;
  const asking = ask(ml);
  bases.set(ml, asking);
  asking.catch(() => bases.delete(ml));
  return asking;
}

async function ask(ml: AzureMl): Promise<string> {
  const { properties } = (await ml.send({ method: 'GET', path: ml.id })).body as Workspace;
  const uri = properties.mlFlowTrackingUri;
  if (uri === undefined) {
    const message = `workspace ${ml.target.name} tells no mlFlowTrackingUri, so no metrics can be read`;
    throw new AzureError(message, { code: 'NoTrackingUri', operation: 'GET workspace' });
  }
  const address = uri.replace(/\?+$/, '').replace(/\/+$/, '');
  const scheme =
    ml.armUrl.startsWith('http:') && new URL(ml.armUrl).host === address.split('/')[2] ? 'http' : 'https';
  return `${address.replace(/^azureml:/, `${scheme}:`)}/api/2.0/mlflow`;
}

interface Run {
  readonly data?: {
    readonly metrics?: readonly { key: string; value: number | string; timestamp?: number; step?: number }[];
  };
}

/** Last value of every metric that a job's run logged; empty when there is no run. */
export async function jobMetrics(ml: AzureMl, name: string): Promise<Record<string, number>> {
  const base = await mlflowBase(ml);
  const { status, body } = await ml.send({
    method: 'GET',
    path: `${base}/runs/get`,
    apiVersion: null,
    query: { run_id: name },
    accept: [404],
  });
  if (status === 404) return {};
  const metrics = (body as { run?: Run }).run?.data?.metrics ?? [];
  return Object.fromEntries(metrics.map(({ key, value }) => [key, Number(value)]));
}
