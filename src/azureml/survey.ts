import type { EndpointSurvey } from '../domain/retirement.js';
import type { AzureMl } from './client.js';
import { getEndpoint, listDeployments } from './endpoints.js';
import { asAzureError } from './errors.js';
import { endpointCallers } from './stats.js';

/** What an endpoint holds, and who called it between two times. A log that cannot be read is said, not an error. */
export async function surveyEndpoint(
  ml: AzureMl,
  endpoint: string,
  window: { readonly fromMs: number; readonly toMs: number },
): Promise<EndpointSurvey> {
  const exists = (await getEndpoint(ml, endpoint)) !== undefined;
  const deployments = exists ? await listDeployments(ml, endpoint) : [];
  const callers = await endpointCallers(ml, { endpoint, ...window }).catch((thrown: unknown) =>
    asAzureError(thrown, 'read the traffic log'),
  );
  return {
    exists,
    deployments: deployments.map(({ name, model }) => {
      const served = modelOf(model);
      return { name, ...(served !== undefined && { model: served }) };
    }),
    ...('message' in callers ? { callers: [], callersUnknown: callers.message.slice(0, 200) } : { callers }),
  };
}

/** Name and version in a model's ARM id. */
export function modelOf(id: string | undefined): { name: string; version: string } | undefined {
  const [, name, version] = /\/models\/([^/]+)\/versions\/([^/]+)$/i.exec(id ?? '') ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}
