import { userError, AzureError } from '../errors.js';
import { ML, nameOf, parseArmId, workspaceIdOf } from '../ids.js';
import { getResource } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { existing, objectOf, propertiesOf, requiredText, store, textOf } from './crud.js';
import { lifecycle } from './lifecycle.js';
import { childrenOf, listReply } from './listing.js';
import { ok, visible } from './replies.js';
import type { Dispatch } from './router.js';
import type { ArmReply, ArmRequest, ArmServices, ResourceType } from './types.js';

/** Schedules are kept and answered; they run when they are triggered, not by the clock. */
export function scheduleType(arm: ArmServices, dispatch: () => Dispatch): ResourceType {
  const { ctx } = arm;
  const life = lifecycle(arm, 'schedule', { prefix: 'scp' });
  const found = (request: ArmRequest) =>
    existing(ctx, request, () => userError(`Schedule ${nameOf(request.path)} was not found.`, 404));
  return {
    type: `${ML}/workspaces/schedules`,
    get: (request) => ok(visible(found(request))),
    list: (request) => listReply(request, childrenOf(ctx.store, request.path)),
    put: (request) => {
      const given = propertiesOf(request.body);
      requiredText(objectOf(given, 'action'), 'actionType');
      requiredText(objectOf(given, 'trigger'), 'triggerType');
      const isNew = getResource(ctx.store, request.path) === undefined;
      const state = { provisioningState: isNew ? 'Creating' : 'Updating' };
      const { resource, created } = store(ctx, request, {
        isEnabled: true,
        tags: {},
        properties: {},
        ...given,
        ...state,
      });
      return life.put(request, resource, created);
    },
    remove: life.remove,
    actions: { trigger: (request) => trigger(arm, dispatch(), request, found(request)) },
  };
}

/** Submits the job of a schedule now, under a name of its own. */
async function trigger(
  { ctx }: ArmServices,
  dispatch: Dispatch,
  request: ArmRequest,
  schedule: StoredResource,
): Promise<ArmReply> {
  if (schedule.properties['isEnabled'] === false)
    throw userError(`Schedule ${schedule.name} is disabled: enable it before it is triggered.`);
  const action = objectOf(schedule.properties, 'action');
  const actionType = textOf(action, 'actionType') ?? '';
  if (actionType !== 'CreateJob')
    throw new AzureError(501, 'NotImplemented', `Schedules with the action ${actionType} do not run here.`);
  const properties = jobOf(objectOf(action, 'jobDefinition'), (id) => getResource(ctx.store, id));
  const name = `${schedule.name}-${Date.now().toString(36)}`;
  const path = `${workspaceIdOf(request.path) ?? ''}/jobs/${name}`;
  const id = parseArmId(path) ?? request.id;
  await dispatch({ ...request, method: 'PUT', path, id, body: { properties } });
  return ok({ submissionId: name, scheduleActionType: actionType });
}

/** The job to submit: as it is written, or that of the job that is named. */
function jobOf(definition: Json, find: (id: string) => StoredResource | undefined): Json {
  const { sourceJobId, ...job } = definition;
  if (typeof sourceJobId !== 'string') return job;
  const source = find(sourceJobId);
  if (source === undefined) throw userError(`The job ${sourceJobId} of the schedule was not found.`, 404);
  const { experimentName, ...rest } = job;
  const changed = Object.entries({ experimentName, ...rest }).filter(([, value]) => hasContent(value));
  return { ...(source['_request'] as Json), ...Object.fromEntries(changed) };
}

function hasContent(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
