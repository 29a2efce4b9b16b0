import { userError } from '../errors.js';
import { ML, keyOf } from '../ids.js';
import { resourcesOf, updateProperties } from '../resources.js';
import { existing, objectOf, propertiesOf, requiredText, store } from './crud.js';
import { childrenOf, listReply } from './listing.js';
import { accepted, ok, visible } from './replies.js';
import type { ArmServices, ResourceType } from './types.js';

const TYPES = ['FQDN', 'PrivateEndpoint', 'ServiceTag'];

/**
 * Rules of a workspace's managed network: kept, and nothing obeys them. A PUT is 202 and its outcome at `Location`, as
 * `final-state-via: location` of the REST specification says: azure-ai-ml 1.28 loses a rule that it is answered at once.
 */
export function outboundRuleType({ ctx, operations }: ArmServices): ResourceType {
  operations.define('outboundRule.put', {
    run: ({ resourceId }) => {
      updateProperties(ctx.store, resourceId, { status: 'Active' });
    },
  });
  return {
    type: `${ML}/workspaces/outboundRules`,
    get: (request) => ok(visible(existing(ctx, request))),
    list: (request) => listReply(request, childrenOf(ctx.store, request.path)),
    put: (request) => {
      const type = requiredText(objectOf(request.body, 'properties'), 'type');
      if (!TYPES.includes(type)) throw userError(`type '${type}' is none of ${TYPES.join(', ')}.`);
      const { resource } = store(ctx, request, { ...propertiesOf(request.body), status: 'Inactive' });
      return accepted(request, operations.start('outboundRule.put', 'obr', resource.id, { shown: true }));
    },
    remove: (request) => ({ status: resourcesOf(ctx.store).remove(keyOf(request.path)) ? 200 : 204 }),
  };
}
