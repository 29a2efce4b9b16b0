import type { EmulatorContext } from '../context.js';
import { ML } from '../ids.js';
import { getResource, nextOrder, putResource, resourcesOf } from '../resources.js';
import type { Json, StoredResource, SystemData } from '../resources.js';
import type { Job } from './job.js';

/** Who a job belongs to: fields of the emulator's own on the stored job. */
export interface Ancestry {
  /** Name of the job that made this one. */
  readonly _parent: string;
  /** Name of the job that somebody submitted. */
  readonly _root: string;
}

/** Stores a job that another one makes; the same name again gives the one that is there, as after a restart. */
export function storeChild(
  ctx: EmulatorContext,
  parent: Job,
  name: string,
  properties: Json,
  internal: Record<`_${string}`, unknown> = {},
): StoredResource {
  const { systemData } = parent.resource;
  return storeJob(ctx, parent.workspaceId, name, properties, systemData, {
    ...internal,
    ...ancestryBelow(parent),
  });
}

/** Stores a job that nobody has sent as it is; `maker` is who it is for. */
export function storeJob(
  ctx: EmulatorContext,
  workspaceId: string,
  name: string,
  properties: Json,
  maker: SystemData,
  internal: Record<`_${string}`, unknown> = {},
): StoredResource {
  const id = `${workspaceId}/jobs/${name}`;
  return ctx.store.transaction(() => {
    const known = getResource(ctx.store, id);
    if (known !== undefined) return known;
    const now = new Date().toISOString();
    const job: StoredResource = {
      ...internal,
      _order: nextOrder(ctx.store),
      id,
      name,
      type: `${ML}/workspaces/jobs`,
      properties: {
        isArchived: false,
        tags: {},
        properties: {},
        inputs: {},
        outputs: {},
        ...properties,
        status: 'NotStarted',
      },
      systemData: { ...maker, createdAt: now, lastModifiedAt: now },
    };
    putResource(ctx.store, job);
    return job;
  });
}

function ancestryBelow(parent: Job): Ancestry {
  return { _parent: parent.name, _root: rootOf(parent.resource) };
}

/** Name of the job that somebody submitted: the job's own unless another one made it. */
export function rootOf(job: StoredResource): string {
  return typeof job._root === 'string' ? job._root : job.name;
}

export function isChild(job: StoredResource): boolean {
  return job._parent !== undefined;
}

/** The jobs that a job has made, in the order in which it made them. */
export function childrenOfJob(ctx: EmulatorContext, workspaceId: string, name: string): StoredResource[] {
  return resourcesOf(ctx.store)
    .list(`${workspaceId.toLowerCase()}/jobs/`)
    .map(({ value }) => value)
    .filter(({ _parent }) => _parent === name)
    .sort((left, right) => Number(left._order) - Number(right._order));
}
