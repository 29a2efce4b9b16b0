import { userError } from '../errors.js';
import { ML, keyOf, nameOf } from '../ids.js';
import { getResource, resourcesOf, updateProperties } from '../resources.js';
import { existing, objectOf, propertiesOf, requiredText, store } from './crud.js';
import { childrenOf, listReply } from './listing.js';
import { accepted, acceptedPut, ok, visible } from './replies.js';
import type { ArmServices, ResourceType } from './types.js';

/** Schedules are kept and answered; the emulator does not fire them. */
export function scheduleType(arm: ArmServices): ResourceType {
  const { ctx, operations } = arm;
  operations.define('schedule.put', {
    run: ({ resourceId }) => {
      updateProperties(ctx.store, resourceId, { provisioningState: 'Succeeded' });
    },
  });
  operations.define('schedule.delete', {
    run: ({ resourceId }) => {
      resourcesOf(ctx.store).remove(keyOf(resourceId));
    },
  });
  return {
    type: `${ML}/workspaces/schedules`,
    get: (request) =>
      ok(
        visible(
          existing(ctx, request, () => userError(`Schedule ${nameOf(request.path)} was not found.`, 404)),
        ),
      ),
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
      return acceptedPut(request, resource, operations.start('schedule.put', 'scp', resource.id), created);
    },
    remove: (request) => {
      const found = getResource(ctx.store, request.path);
      if (found === undefined) return { status: 204 };
      return accepted(request, operations.start('schedule.delete', 'scd', found.id));
    },
  };
}
