import type { EmulatorContext } from '../context.js';
import { ML } from '../ids.js';
import { getResource, nextOrder, putResource, resourcesOf } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
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
  const id = `${parent.workspaceId}/jobs/${name}`;
  return ctx.store.transaction(() => {
    const known = getResource(ctx.store, id);
    if (known !== undefined) return known;
    const now = new Date().toISOString();
    const child: StoredResource = {
      ...internal,
      ...ancestryBelow(parent),
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
      systemData: { ...parent.resource.systemData, createdAt: now, lastModifiedAt: now },
    };
    putResource(ctx.store, child);
    return child;
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
