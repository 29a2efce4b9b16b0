import {
  type AzureMl,
  everyJob,
  everyModel,
  everyRecord,
  listDeployments,
  listEndpoints,
  modelOf,
  workspaceHash,
} from '../../azureml/index.js';
import { endpointId, monitorScheduleId } from '../../domain/keys.js';
import { type EndpointKind, endpointKinds } from '../../domain/project.js';
import { lifecycleTag } from '../../domain/tags.js';
import type { EndpointFound, Inventory, ScheduleFound } from '../../domain/upkeep.js';
import type { Temporal } from '../temporal.js';
import { ownerOf } from './owners.js';

/** Everything in a workspace that may have to go. @param say told what is looked at */
export async function takeInventory(
  temporal: Temporal,
  ml: AzureMl,
  say: (what: string) => void,
): Promise<Inventory> {
  const { alias } = ml.target;
  say('endpoints and their owners');
  const endpoints = (await Promise.all(endpointKinds.map((kind) => endpointsOf(temporal, ml, kind)))).flat();
  say('schedules');
  const schedules = await schedulesOf(temporal, ml, endpoints);
  say('model versions');
  const models = await everyModel(ml);
  say('jobs');
  const jobs = await everyJob(ml, lifecycleTag);
  say('records');
  const records = await everyRecord(ml);
  return { workspace: alias, endpoints, models, jobs, schedules, records };
}

async function endpointsOf(temporal: Temporal, ml: AzureMl, kind: EndpointKind): Promise<EndpointFound[]> {
  const hash = workspaceHash(ml.target);
  return await Promise.all(
    (await listEndpoints(ml, kind)).map(async ({ name, traffic, mirrorTraffic: mirror }) => {
      const [deployments, owner] = await Promise.all([
        listDeployments(ml, name, kind),
        ownerOf(temporal, endpointId(hash, name)),
      ]);
      return {
        ...{ name, kind, traffic, mirror },
        deployments: deployments.map(({ model, createdAt, ...deployment }) => {
          const ref = modelOf(model);
          return {
            name: deployment.name,
            tags: deployment.tags,
            ...(ref !== undefined && { model: `${ref.name}:${ref.version}` }),
            ...(createdAt !== undefined && { createdAt }),
          };
        }),
        ...(owner !== undefined && owner !== 'silent' && { owner }),
      };
    }),
  );
}

/** Of monitoring, in this workspace. */
async function schedulesOf(
  temporal: Temporal,
  ml: AzureMl,
  endpoints: readonly EndpointFound[],
): Promise<ScheduleFound[]> {
  const hash = workspaceHash(ml.target);
  const prefix = monitorScheduleId(hash, '');
  const names = new Set(endpoints.map(({ name }) => name));
  const found: ScheduleFound[] = [];
  for await (const { scheduleId: id } of temporal.client.schedule.list()) {
    if (!id.startsWith(prefix)) continue;
    const name = id.slice(prefix.length);
    const isNeeded = names.has(name) || (await ownerOf(temporal, endpointId(hash, name))) !== undefined;
    found.push({ id, isNeeded });
  }
  return found;
}
