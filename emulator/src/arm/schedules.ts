import type { EmulatorContext } from '../context.js';
import { userError, AzureError } from '../errors.js';
import { ML, nameOf, parseArmId, workspaceIdOf } from '../ids.js';
import { getResource } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { readTrigger } from '../schedules/trigger.js';
import { existing, objectOf, propertiesOf, requiredText, store, textOf } from './crud.js';
import { lifecycle } from './lifecycle.js';
import { childrenOf, listReply } from './listing.js';
import { ok, visible } from './replies.js';
import type { Dispatch } from './router.js';
import type { ArmRequest, ArmServices, ResourceType } from './types.js';

/** `ScheduleActionType` of the REST specification. */
const ACTIONS = ['CreateJob', 'InvokeBatchEndpoint', 'CreateMonitor', 'ImportData'];

/** Schedules: jobs of theirs run when they are triggered, and by the clock. */
export function scheduleType(arm: ArmServices, dispatch: () => Dispatch): ResourceType {
  const { ctx } = arm;
  const life = lifecycle(arm, 'schedule', { prefix: 'scp' });
  const found = (request: ArmRequest) =>
    existing(ctx, request, () => userError(`Schedule ${nameOf(request.path)} was not found.`, 404));
  return {
    type: `${ML}/workspaces/schedules`,
    get: (request) => ok(visible(found(request))),
    list: (request) =>
      listReply(withoutView(request), childrenOf(ctx.store, request.path).filter(byView(request))),
    put: (request) => {
      const given = propertiesOf(request.body);
      const action = requiredText(objectOf(given, 'action'), 'actionType');
      if (!ACTIONS.includes(action))
        throw userError(`actionType '${action}' is none of ${ACTIONS.join(', ')}.`);
      requiredText(objectOf(given, 'trigger'), 'triggerType');
      readTrigger(objectOf(given, 'trigger'), Date.now());
      const isNew = getResource(ctx.store, request.path) === undefined;
      const state = { provisioningState: isNew ? 'Creating' : 'Updating' };
      const properties = { isEnabled: true, tags: {}, properties: {}, ...given, ...state };
      // By the clock that it fires by, which may be ahead.
      const internal = isNew ? { _madeAt: ctx.faults.clock.now() } : {};
      const { resource, created } = store(ctx, request, properties, internal);
      return life.put(request, resource, created);
    },
    remove: life.remove,
    actions: {
      trigger: async (request) => {
        const schedule = found(request);
        if (schedule.properties['isEnabled'] === false)
          throw userError(`Schedule ${schedule.name} is disabled: enable it before it is triggered.`);
        const submissionId = await submitJob(ctx, dispatch(), schedule, {
          name: `${schedule.name}-${Date.now().toString(36)}`,
          at: ctx.faults.clock.now(),
        });
        return ok({ submissionId, scheduleActionType: 'CreateJob' });
      },
    },
  };
}

/** `listViewType` of schedules is about being enabled (`ScheduleListViewType` of the REST specification). */
function byView({ query }: ArmRequest): (schedule: StoredResource) => boolean {
  const view = (query['listViewType'] ?? 'EnabledOnly').toLowerCase();
  if (view === 'all') return () => true;
  return ({ properties }) => (properties['isEnabled'] === false) === (view === 'disabledonly');
}

function withoutView(request: ArmRequest): ArmRequest {
  return { ...request, query: { ...request.query, listViewType: 'All' } };
}

/** Submits the job of a schedule that the clock has come to; named by its time, so that it is submitted once. */
export async function fireSchedule(
  ctx: EmulatorContext,
  dispatch: Dispatch,
  schedule: StoredResource,
  due: number,
): Promise<void> {
  const action = objectOf(schedule.properties, 'action');
  if (textOf(action, 'actionType') !== 'CreateJob') return;
  await submitJob(ctx, dispatch, schedule, { name: titleAt(schedule, due), at: due });
}

/** The display name of its jobs: https://learn.microsoft.com/azure/machine-learning/how-to-schedule-pipeline-job */
function titleAt({ name }: StoredResource, at: number): string {
  return `${name}-${new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')}`;
}

async function submitJob(
  ctx: EmulatorContext,
  dispatch: Dispatch,
  schedule: StoredResource,
  { name, at }: { name: string; at: number },
): Promise<string> {
  const action = objectOf(schedule.properties, 'action');
  const actionType = textOf(action, 'actionType') ?? '';
  if (actionType !== 'CreateJob')
    throw new AzureError(501, 'NotImplemented', `Schedules with the action ${actionType} do not run here.`);
  const job = jobOf(objectOf(action, 'jobDefinition'), (id) => getResource(ctx.store, id));
  const path = `${workspaceIdOf(schedule.id) ?? ''}/jobs/${name}`;
  const id = parseArmId(path);
  if (id === undefined) throw userError(`${path} is no ARM id.`);
  const properties = { ...job, displayName: titleAt(schedule, at) };
  await dispatch({ method: 'PUT', path, id, query: {}, body: { properties }, base: ctx.publicUrl() });
  return name;
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
