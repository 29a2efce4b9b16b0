import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AzureError, userError } from '../errors.js';
import { ML, nameOf, parentId, workspaceIdOf } from '../ids.js';
import { getResource, resourcesOf } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { workspaceGuid } from '../scoring/uri.js';
import { isJson, propertiesOf } from './crud.js';
import { childrenOf, listReply } from './listing.js';
import { visible } from './replies.js';
import { requireToken } from './router.js';
import type { ArmServices, ResourceType } from './types.js';

/** The jobs that invocations of an endpoint, or of one of its deployments, started. */
export function batchJobTypes({ ctx }: ArmServices): ResourceType[] {
  const list = (type: string): ResourceType => ({
    type,
    list: (request) => {
      const owner = parentId(`${request.path}/x`).toLowerCase();
      if (getResource(ctx.store, owner) === undefined)
        throw userError(`${nameOf(owner)} was not found: it has no jobs.`, 404);
      const jobs = childrenOf(ctx.store, `${workspaceIdOf(request.path) ?? ''}/jobs`);
      return listReply(
        request,
        jobs.filter((job) => {
          const deployment = job['_batchDeployment'];
          return typeof deployment === 'string' && `${deployment}/`.startsWith(`${owner}/`);
        }),
      );
    },
  });
  return [
    list(`${ML}/workspaces/batchEndpoints/jobs`),
    list(`${ML}/workspaces/batchEndpoints/deployments/jobs`),
  ];
}

/** Adds the scoring address of batch endpoints. */
export function registerBatchInvoke(app: FastifyInstance, arm: ArmServices): void {
  app.post<{ Params: { guid: string; endpoint: string } }>(
    '/batch/:guid/:endpoint/jobs',
    async (request, reply) => {
      requireToken(request);
      const deployment = deploymentOf(arm, findEndpoint(arm, request.params), request);
      if (arm.batch === undefined)
        throw new AzureError(
          501,
          'NotImplemented',
          'This emulator keeps batch endpoints but does not run them.',
        );
      const job = await arm.batch.score(deployment, propertiesOf(bodyOf(request)));
      return reply.code(201).send(visible(job));
    },
  );
}

function bodyOf(request: FastifyRequest): Json {
  if (isJson(request.body)) return request.body;
  throw userError('The body of an invocation is a JSON object: {"properties": {"InputData": {…}}}.');
}

function findEndpoint(
  { ctx }: ArmServices,
  { guid, endpoint }: { guid: string; endpoint: string },
): StoredResource {
  const found = resourcesOf(ctx.store)
    .list('/subscriptions/')
    .filter(({ key }) => key.endsWith(`/batchendpoints/${endpoint.toLowerCase()}`))
    .find(({ value }) => workspaceGuid(ctx, value.id) === guid);
  if (found === undefined) throw userError(`Batch endpoint ${endpoint} was not found.`, 404);
  return found.value;
}

/** The deployment that the header names, else the endpoint's default. */
function deploymentOf(
  { ctx }: ArmServices,
  endpoint: StoredResource,
  request: FastifyRequest,
): StoredResource {
  const asked = request.headers['azureml-model-deployment'];
  const defaults = isJson(endpoint.properties['defaults']) ? endpoint.properties['defaults'] : {};
  const name = typeof asked === 'string' ? asked : defaults['deploymentName'];
  if (typeof name !== 'string')
    throw userError(
      `Endpoint ${endpoint.name} has no default deployment: set properties.defaults.deploymentName, or name one in the header azureml-model-deployment.`,
    );
  const found = getResource(ctx.store, `${endpoint.id}/deployments/${name}`);
  if (found === undefined)
    throw userError(`Deployment ${name} was not found in endpoint ${endpoint.name}.`, 404);
  return found;
}
