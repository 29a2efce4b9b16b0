import { activityInfo } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type EndpointInput, type EndpointStatus, messages, workflowTypes } from '../workflows/messages.js';
import type { CoreActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';

type EndpointActivities = Pick<CoreActivities, 'requestRelease' | 'askEndpoint'>;

/** Talks to endpoints' owners for lifecycles: workflow code has no signal-with-start and no queries. */
export function endpointActivities({ temporal }: Dependencies): EndpointActivities {
  return {
    async requestRelease({ release, target, taskQueue, timing }) {
      const { workspace, endpoint, kind, workflowId } = target;
      const input: EndpointInput = {
        ...{ workspace, endpoint, taskQueue, timing },
        ...(kind !== undefined && { kind }),
      };
      await temporal.workflow.signalWithStart(workflowTypes.endpoint, {
        workflowId,
        taskQueue: activityInfo().taskQueue,
        args: [input],
        signal: messages.request,
        signalArgs: [release],
        staticSummary: `endpoint ${endpoint} in ${workspace}`,
      });
    },

    async askEndpoint({ workflowId, releaseId }) {
      const handle = temporal.workflow.getHandle(workflowId);
      try {
        const { status } = await handle.describe();
        if (status.name !== 'RUNNING') return { state: 'gone' };
        const known = await handle.query<EndpointStatus>(messages.status);
        const finished = known.lastResults.findLast((result) => result.releaseId === releaseId);
        return {
          state: stateOf(known, releaseId),
          ...(finished !== undefined && { result: finished.result }),
        };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return { state: 'gone' };
        throw error;
      }
    },
  };
}

function stateOf(status: EndpointStatus, releaseId: string): 'waiting' | 'running' | 'finished' | 'unknown' {
  if (status.running?.release.id === releaseId) return 'running';
  if (status.waiting.some(({ id }) => id === releaseId)) return 'waiting';
  return status.lastResults.some((result) => result.releaseId === releaseId) ? 'finished' : 'unknown';
}
