import { AzureError, asAzureError } from '../errors.js';
import type { ErrorDetail } from '../errors.js';
import { nameOf, parseArmId, resourceGroupId, typeOf } from '../ids.js';
import { getResource, resourcesOf, updateProperties } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { existing, isJson, notFoundOf, objectOf, propertiesOf, store, textOf } from './crud.js';
import { evaluateDeep } from './expressions.js';
import type { TemplateScope } from './expressions.js';
import { childrenOf, listReply } from './listing.js';
import type { Operation } from './operations.js';
import { accepted, acceptedPut, ok, visible } from './replies.js';
import { computedOf } from './providers.js';
import type { Dispatch } from './router.js';
import { parametersOf, planOf } from './template.js';
import type { PlannedResource } from './template.js';
import type { ArmReply, ArmRequest, ArmServices, ResourceType } from './types.js';

/** `Microsoft.Resources/deployments` in a resource group: makes a template's resources as direct PUTs would. */
export function templateDeploymentType(arm: ArmServices, dispatch: () => Dispatch): ResourceType {
  const { ctx, operations } = arm;
  operations.define('template.put', {
    run: (operation) => deployTemplate(arm, dispatch(), operation),
    failed: ({ resourceId }, error) => {
      updateProperties(ctx.store, resourceId, { provisioningState: 'Failed', error: error.toDetail() });
    },
  });
  operations.define('template.delete', {
    run: ({ resourceId }) => {
      resourcesOf(ctx.store).remove(resourceId.toLowerCase());
    },
  });
  return {
    type: 'Microsoft.Resources/deployments',
    get: (request) => ok(visible(existing(ctx, request, () => missing(request)))),
    list: (request) => listReply(request, childrenOf(ctx.store, request.path)),
    put: (request) => putTemplate(arm, request),
    remove: (request) => {
      const found = getResource(ctx.store, request.path);
      if (found === undefined) return { status: 204 };
      return accepted(request, operations.start('template.delete', 'tpd', found.id));
    },
    actions: { validate: (request) => validate(arm, request) },
  };
}

/** `…/deployments/{name}/operations`: one entry a resource. */
export function templateOperationsType({ ctx }: ArmServices): ResourceType {
  return {
    type: 'Microsoft.Resources/deployments/operations',
    list: (request) => {
      const id = request.path.slice(0, request.path.lastIndexOf('/'));
      const deployment = getResource(ctx.store, id);
      if (deployment === undefined) throw missing(request);
      return ok({ value: (deployment['_operations'] as Json[] | undefined) ?? [] });
    },
  };
}

function missing(request: ArmRequest): AzureError {
  const { status, message } = notFoundOf(request);
  return new AzureError(status, 'DeploymentNotFound', message);
}

function scopeOf({ ctx }: ArmServices, request: Pick<ArmRequest, 'id'>, properties: Json): TemplateScope {
  const { subscription, resourceGroup = '' } = request.id;
  const group = getResource(ctx.store, resourceGroupId(subscription, resourceGroup));
  const template = templateOf(properties);
  const base = {
    subscription,
    group: { name: resourceGroup, location: group?.location ?? '' },
    variables: objectOf(template, 'variables'),
    reference: (id: string, full: boolean) => {
      const found = getResource(ctx.store, id);
      if (found === undefined)
        throw new AzureError(404, 'ResourceNotFound', `The Resource '${id}' was not found.`);
      const properties = { ...found.properties, ...computedOf(ctx, found) };
      return full ? { ...visible(found), properties } : properties;
    },
  };
  return { ...base, parameters: parametersOf(template, objectOf(properties, 'parameters'), base) };
}

function templateOf(properties: Json): Json {
  if (isJson(properties['template'])) return properties['template'];
  throw new AzureError(
    400,
    'InvalidTemplate',
    "The template is missing: 'properties.template' must be an object (links are not followed).",
  );
}

/** Refuses what cannot be deployed before anything is made. */
function checked(arm: ArmServices, request: ArmRequest): { properties: Json; plan: PlannedResource[] } {
  const properties = propertiesOf(request.body);
  const mode = textOf(properties, 'mode') ?? 'Incremental';
  if (mode.toLowerCase() !== 'incremental') {
    throw new AzureError(
      400,
      'InvalidRequestContent',
      `The mode '${mode}' is not supported by the emulator: use Incremental.`,
    );
  }
  return { properties, plan: planOf(templateOf(properties), scopeOf(arm, request, properties)) };
}

function putTemplate(arm: ArmServices, request: ArmRequest): ArmReply {
  const { properties, plan } = checked(arm, request);
  const state = {
    mode: 'Incremental',
    provisioningState: 'Accepted',
    timestamp: new Date().toISOString(),
    parameters: objectOf(properties, 'parameters'),
    dependencies: plan.map(({ id, dependsOn }) => ({
      ...described(id),
      dependsOn: dependsOn.filter((wanted) => wanted.startsWith('/')).map(described),
    })),
    outputs: {},
  };
  const internal = {
    _template: { template: properties['template'], parameters: properties['parameters'] ?? {} },
    _operations: [],
  };
  const { resource, created } = store(arm.ctx, request, state, internal);
  const operation = arm.operations.start('template.put', 'tpl', resource.id, { base: request.base });
  return acceptedPut(request, resource, operation, created);
}

/** How the service names a resource of a template. */
function described(id: string): Json {
  const parsed = parseArmId(id);
  return { id, resourceType: parsed === undefined ? undefined : typeOf(parsed), resourceName: nameOf(id) };
}

function validate(arm: ArmServices, request: ArmRequest): ArmReply {
  const { plan } = checked(arm, request);
  return ok({
    properties: {
      mode: 'Incremental',
      provisioningState: 'Succeeded',
      validatedResources: plan.map(({ id }) => ({ id })),
    },
  });
}

async function deployTemplate(arm: ArmServices, dispatch: Dispatch, operation: Operation): Promise<void> {
  const { ctx } = arm;
  const deployment = getResource(ctx.store, operation.resourceId);
  const id = parseArmId(operation.resourceId);
  if (deployment === undefined || id === undefined) return;
  const properties = deployment['_template'] as Json;
  updateProperties(ctx.store, deployment.id, { provisioningState: 'Running' });
  const scope = scopeOf(arm, { id }, properties);
  for (const planned of planOf(templateOf(properties), scope)) {
    await makeResource(arm, dispatch, deployment, planned, scope, String(operation.payload['base']));
  }
  const outputs = Object.entries(objectOf(templateOf(properties), 'outputs')).map(([name, output]) => [
    name,
    evaluateDeep(output, scope),
  ]);
  updateProperties(ctx.store, deployment.id, {
    provisioningState: 'Succeeded',
    outputs: Object.fromEntries(outputs) as Json,
    outputResources: (deployment.properties['dependencies'] as { id: string }[]).map((each) => ({
      id: each.id,
    })),
  });
}

async function makeResource(
  arm: ArmServices,
  dispatch: Dispatch,
  deployment: StoredResource,
  planned: PlannedResource,
  scope: TemplateScope,
  base: string,
): Promise<void> {
  const id = parseArmId(planned.id);
  if (id === undefined) return;
  const started = new Date().toISOString();
  try {
    const body = evaluateDeep(planned.body, scope) as Json;
    const query = { 'api-version': planned.apiVersion };
    const reply = await dispatch({ method: 'PUT', path: planned.id, id, query, body, base });
    const url = reply.headers?.['Azure-AsyncOperation'];
    if (url !== undefined) await finished(arm, url);
    record(arm, deployment, planned, started, 'Succeeded');
  } catch (thrown) {
    const error = asAzureError(thrown).toDetail();
    record(arm, deployment, planned, started, 'Failed', error);
    throw new AzureError(
      409,
      'DeploymentFailed',
      'At least one resource deployment operation failed. Please list deployment operations for details.',
      [{ ...error, target: planned.id }],
    );
  }
}

async function finished(arm: ArmServices, url: string): Promise<void> {
  const operation = await arm.operations.settled(new URL(url).pathname.split('/').at(-1) ?? '');
  if (operation.error === undefined) return;
  throw new AzureError(409, operation.error.code, operation.error.message, operation.error.details);
}

function record(
  { ctx }: ArmServices,
  deployment: StoredResource,
  planned: PlannedResource,
  started: string,
  provisioningState: string,
  error?: ErrorDetail,
): void {
  const current = getResource(ctx.store, deployment.id);
  if (current === undefined) return;
  const operationId = planned.id.split('/').at(-1) ?? '';
  const entry = {
    id: `${deployment.id}/operations/${operationId}`,
    operationId,
    properties: {
      provisioningOperation: 'Create',
      provisioningState,
      timestamp: started,
      targetResource: { id: planned.id },
      ...(error === undefined ? {} : { statusMessage: { error } }),
    },
  };
  current['_operations'] = [...((current['_operations'] as Json[] | undefined) ?? []), entry];
  resourcesOf(ctx.store).put(current.id.toLowerCase(), current);
}
