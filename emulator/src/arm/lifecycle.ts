import { keyOf } from '../ids.js';
import { getResource, resourcesOf, updateProperties } from '../resources.js';
import type { StoredResource } from '../resources.js';
import { accepted, acceptedPut } from './replies.js';
import type { ArmReply, ArmRequest, ArmServices } from './types.js';

/** PUT and DELETE of a resource that the service makes and removes by itself after a while. */
export interface Lifecycle {
  /** Answers a PUT whose resource is stored already, as `Creating` or `Updating`. */
  readonly put: (request: ArmRequest, resource: StoredResource, created: boolean, body?: unknown) => ArmReply;
  /** 202 after a PATCH. */
  readonly changed: (request: ArmRequest, resource: StoredResource) => ArmReply;
  readonly remove: (request: ArmRequest) => ArmReply;
}

interface Work {
  /** Prefix of its operations' ids. */
  readonly prefix: string;
  readonly make?: (id: string) => Promise<void> | void;
  readonly remove?: (id: string) => void;
}

/** Long-running operations `{kind}.put` and `{kind}.delete`: what was put ends as `Succeeded` or `Failed`. */
export function lifecycle(arm: ArmServices, kind: string, { prefix, make, remove }: Work): Lifecycle {
  const { ctx, operations } = arm;
  const settle = (id: string, provisioningState: string) =>
    updateProperties(ctx.store, id, { provisioningState });
  operations.define(`${kind}.put`, {
    run: async ({ resourceId }) => {
      await make?.(resourceId);
      settle(resourceId, 'Succeeded');
    },
    failed: ({ resourceId }) => settle(resourceId, 'Failed'),
  });
  operations.define(`${kind}.delete`, {
    run: ({ resourceId }) => {
      if (remove === undefined) resourcesOf(ctx.store).remove(keyOf(resourceId));
      else remove(resourceId);
    },
    failed: ({ resourceId }) => settle(resourceId, 'Failed'),
  });
  return {
    put: (request, resource, created, body) =>
      acceptedPut(request, resource, operations.start(`${kind}.put`, prefix, resource.id), created, body),
    changed: (request, resource) =>
      accepted(request, operations.start(`${kind}.put`, prefix, resource.id), resource.location),
    remove: (request) => {
      const found = getResource(ctx.store, request.path);
      if (found === undefined) return { status: 204 };
      settle(found.id, 'Deleting');
      return accepted(request, operations.start(`${kind}.delete`, prefix, found.id), found.location);
    },
  };
}
