import type { AzureMl } from './client.js';
import { AzureError, errorFromBody } from './errors.js';

/** What the run history knows of a job and the job's own resource does not tell. */
export interface RunDetails {
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Why it failed. */
  readonly error?: string;
}

const addresses = new WeakMap<AzureMl, Promise<string>>();

/** Address of the workspace's region, as `discoveryUrl` tells it. */
export function regionOf(ml: AzureMl): Promise<string> {
  const known = addresses.get(ml);
  if (known !== undefined) return known;
  const asking = discover(ml);
  addresses.set(ml, asking);
  asking.catch(() => addresses.delete(ml));
  return asking;
}

async function discover(ml: AzureMl): Promise<string> {
  const workspace = (await ml.send({ method: 'GET', path: ml.id })).body as {
    readonly properties: { readonly discoveryUrl?: string };
  };
  const url = workspace.properties.discoveryUrl;
  const { body } =
    url === undefined ? { body: {} } : await ml.send({ method: 'GET', path: url, apiVersion: null });
  const { api } = body as { readonly api?: string };
  if (api !== undefined) return api.replace(/\/+$/, '');
  throw new AzureError(`workspace ${ml.target.name} does not tell where its run history is`, {
    code: 'NoDiscovery',
    operation: 'GET discovery',
  });
}

interface Details {
  readonly startTimeUtc?: string | null;
  readonly endTimeUtc?: string | null;
  readonly error?: { readonly error?: unknown } | null;
}

/** Times and failure of a job's run; empty when the history knows no such run. */
export async function runDetails(ml: AzureMl, job: string): Promise<RunDetails> {
  const { status, body } = await ml.send({
    method: 'GET',
    path: `${await regionOf(ml)}/history/v1.0${ml.id}/runs/${job}/details`,
    apiVersion: 'v1.0',
    accept: [404],
  });
  if (status === 404) return {};
  const details = body as Details;
  const startedAt = time(details.startTimeUtc);
  const endedAt = time(details.endTimeUtc);
  return {
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(details.error ? { error: errorFromBody(details.error, { operation: `run ${job}` }).message } : {}),
  };
}

/** Azure writes times with and without zone; all are UTC. */
function time(text: string | null | undefined): number | undefined {
  if (text === undefined || text === null) return undefined;
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text.replace(' ', 'T')}Z`);
  return Number.isNaN(at) ? undefined : at;
}
