import { userError } from '../errors.js';
import { ML, nameOf } from '../ids.js';
import { getResource } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { batchUri } from '../scoring/uri.js';
import { requireAsset } from './asset-kinds.js';
import { existing, isJson, objectOf, propertiesOf, requiredText, store, textOf } from './crud.js';
import { requireName, requireSettled } from './endpoint-rules.js';
import { lifecycle } from './lifecycle.js';
import { childrenOf, listReply } from './listing.js';
import { ok, visible } from './replies.js';
import { removeTree } from './scopes.js';
import type { ArmRequest, ArmServices, ResourceType } from './types.js';

/** What a batch deployment is given that does not say otherwise (REST reference of batch deployments). */
const DEFAULTS: Json = {
  description: null,
  properties: {},
  environmentVariables: {},
  errorThreshold: -1,
  loggingLevel: 'Info',
  maxConcurrencyPerInstance: 1,
  miniBatchSize: 10,
  outputAction: 'AppendRow',
  outputFileName: 'predictions.csv',
  resources: { instanceCount: 1, instanceType: null, properties: {} },
  retrySettings: { maxRetries: 3, timeout: 'PT30S' },
};

const STATE = (before: StoredResource | undefined) => ({
  provisioningState: before === undefined ? 'Creating' : 'Updating',
});

/** Batch endpoints; what runs behind them is the default deployment. */
export function batchEndpointType(arm: ArmServices): ResourceType {
  const { ctx } = arm;
  const life = lifecycle(arm, 'batchEndpoint', {
    prefix: 'beidp',
    remove: (id) => {
      removeTree(arm, id);
    },
  });
  const presented = (request: ArmRequest) => (endpoint: StoredResource) => ({
    ...visible(endpoint),
    properties: {
      ...endpoint.properties,
      scoringUri: batchUri(ctx, endpoint, request.base),
      swaggerUri: null,
    },
  });
  return {
    type: `${ML}/workspaces/batchEndpoints`,
    get: (request) => ok(presented(request)(existing(ctx, request))),
    list: (request) => listReply(request, childrenOf(ctx.store, request.path), presented(request)),
    put: (request) => {
      requireName('endpoint', nameOf(request.path));
      const before = getResource(ctx.store, request.path);
      requireSettled(before, `update endpoint ${nameOf(request.path)}`);
      const given = propertiesOf(request.body);
      const authMode = textOf(given, 'authMode') ?? 'AADToken';
      if (authMode.toLowerCase() !== 'aadtoken')
        throw userError(`authMode '${authMode}' is not supported for batch endpoints: use AADToken.`);
      const properties = {
        description: null,
        properties: {},
        ...given,
        authMode: 'AADToken',
        ...STATE(before),
      };
      requireDefault(arm, request, properties);
      const body = { tags: {}, kind: 'BatchEndpoint', ...request.body };
      const { resource, created } = store(ctx, { ...request, body }, properties);
      return life.put(request, resource, created, presented(request)(resource));
    },
    patch: (request) => {
      const before = existing(ctx, request);
      requireSettled(before, `update endpoint ${before.name}`);
      const properties = { ...before.properties, ...propertiesOf(request.body), ...STATE(before) };
      requireDefault(arm, request, properties);
      const body = { ...before, ...request.body };
      return life.changed(request, store(ctx, { ...request, body }, properties).resource);
    },
    remove: life.remove,
  };
}

/** `{public URL}/batch/{workspace guid}/{endpoint}/jobs`: a POST there starts scoring. */
function requireDefault({ ctx }: ArmServices, request: ArmRequest, properties: Json): void {
  const name = textOf(objectOf(properties, 'defaults'), 'deploymentName');
  if (name === undefined || getResource(ctx.store, `${request.path}/deployments/${name}`) !== undefined)
    return;
  throw userError(`The default deployment '${name}' does not exist in endpoint ${nameOf(request.path)}.`);
}

/** Deployments of batch endpoints: a model with a scoring script or without, or a pipeline component. */
export function batchDeploymentType(arm: ArmServices): ResourceType {
  const { ctx } = arm;
  const life = lifecycle(arm, 'batchDeployment', { prefix: 'bdidp' });
  return {
    type: `${ML}/workspaces/batchEndpoints/deployments`,
    get: (request) => ok(visible(existing(ctx, request))),
    list: (request) => listReply(request, childrenOf(ctx.store, request.path)),
    put: (request) => {
      requireName('deployment', nameOf(request.path));
      const before = getResource(ctx.store, request.path);
      requireSettled(before, `update deployment ${nameOf(request.path)}`);
      const given = propertiesOf(request.body);
      checkDeployment(arm, request, given);
      const properties = { ...DEFAULTS, ...given, ...STATE(before) };
      const body = { tags: {}, ...request.body };
      const { resource, created } = store(ctx, { ...request, body }, properties);
      return life.put(request, resource, created);
    },
    patch: (request) => {
      const before = existing(ctx, request);
      requireSettled(before, `update deployment ${before.name}`);
      const properties = { ...before.properties, ...propertiesOf(request.body), ...STATE(before) };
      const body = { ...before, ...request.body };
      return life.changed(request, store(ctx, { ...request, body }, properties).resource);
    },
    remove: life.remove,
  };
}

function checkDeployment({ ctx }: ArmServices, request: ArmRequest, given: Json): void {
  const configuration = objectOf(given, 'deploymentConfiguration');
  if (textOf(configuration, 'deploymentConfigurationType') === 'PipelineComponent') {
    const component = configuration['componentId'];
    if (isJson(component)) requireAsset(ctx, request, 'components', component['assetId']);
    return;
  }
  const model = objectOf(given, 'model');
  if (Object.keys(model).length === 0) throw userError('The model field is required.');
  requireAsset(ctx, request, 'models', model['assetId']);
  requireAsset(ctx, request, 'environments', given['environmentId']);
  const code = objectOf(given, 'codeConfiguration');
  if (Object.keys(code).length > 0) requiredText(code, 'scoringScript');
  requireAsset(ctx, request, 'codes', code['codeId']);
  const compute = textOf(given, 'compute');
  if (compute?.startsWith('/') === true && getResource(ctx.store, compute) === undefined)
    throw userError(`Unknown compute target '${nameOf(compute)}'.`);
}
