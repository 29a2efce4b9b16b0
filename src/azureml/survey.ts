import type { EndpointKind } from '../domain/project.js';
import type { Caller, EndpointSurvey } from '../domain/retirement.js';
import type { AzureMl } from './client.js';
import { getEndpoint, listDeployments } from './endpoints.js';
import { asAzureError } from './errors.js';
import { endpointCallers } from './stats.js';
import { listAll } from './transport.js';

/** What an endpoint holds, and who called it between two times. A log that cannot be read is said, not an error. */
export async function surveyEndpoint(
  ml: AzureMl,
  endpoint: string,
  window: { readonly fromMs: number; readonly toMs: number },
  kind: EndpointKind = 'online',
): Promise<EndpointSurvey> {
  const exists = (await getEndpoint(ml, endpoint, kind)) !== undefined;
  const deployments = exists ? await listDeployments(ml, endpoint, kind) : [];
  const asked =
    kind === 'batch' ? jobCallers(ml, endpoint, window) : endpointCallers(ml, { endpoint, ...window });
  const callers = await asked.catch((thrown: unknown) => asAzureError(thrown, 'read who called'));
  return {
    exists,
    deployments: deployments.map(({ name, model }) => {
      const served = modelOf(model);
      return { name, ...(served !== undefined && { model: served }) };
    }),
    ...('message' in callers ? { callers: [], callersUnknown: callers.message.slice(0, 200) } : { callers }),
  };
}

interface CalledJob {
  readonly systemData?: { readonly createdAt?: string; readonly createdBy?: string };
}

/** A batch endpoint has no traffic log: who called it is who its jobs belong to. */
async function jobCallers(
  ml: AzureMl,
  endpoint: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<Caller[]> {
  const callers = new Map<string, Caller>();
  for (const job of await listAll(ml, `/batchEndpoints/${endpoint}/jobs`)) {
    const { createdAt = '', createdBy: identity = '' } = (job as CalledJob).systemData ?? {};
    const at = Date.parse(createdAt);
    if (!(at >= fromMs && at <= toMs)) continue;
    const { requests, lastAt } = callers.get(identity) ?? { requests: 0, lastAt: at };
    callers.set(identity, {
      ...{ agent: '', identity, requests: requests + 1 },
      lastAt: Math.max(lastAt, at),
    });
  }
  return [...callers.values()].sort((a, b) => b.requests - a.requests);
}

/** Name and version in a model's ARM id. */
export function modelOf(id: string | undefined): { name: string; version: string } | undefined {
  const [, name, version] = /\/models\/([^/]+)\/versions\/([^/]+)$/i.exec(id ?? '') ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}
