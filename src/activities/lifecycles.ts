import { activityInfo } from '@temporalio/activity';
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { compare, isAncestor } from '../github/index.js';
import { startLifecycle, type StartMemo } from '../temporal/start-lifecycle.js';
import { messages, type MonitoringInput, workflowTypes } from '../workflows/messages.js';
import type { CoreActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';

type LifecycleActivities = Pick<
  CoreActivities,
  'supersedeOlder' | 'upsertMonitor' | 'removeMonitor' | 'startRetraining' | 'compareCommits'
>;

/** What lifecycles do to each other and leave behind in Temporal. */
export function lifecycleActivities({ temporal, github }: Dependencies): LifecycleActivities {
  return {
    async supersedeOlder({ source, project, lifecycleId, branch }) {
      if (source.directory !== undefined) return [];
      const query = [
        `WorkflowType = '${workflowTypes.lifecycle}'`,
        `ExecutionStatus = 'Running'`,
        `MlopsProject = '${project}'`,
        `MlopsRepository = '${source.repository}'`,
        `MlopsBranch = '${branch}'`,
      ].join(' AND ');
      const told: string[] = [];
      for await (const { workflowId, memo } of temporal.workflow.list({ query })) {
        const { commit } = (memo ?? {}) as Partial<StartMemo>;
        if (workflowId === lifecycleId || commit === undefined || commit === source.commit) continue;
        if (!(await isAncestor(github, source.repository, commit, source.commit))) continue;
        await tell(workflowId, { by: lifecycleId, commit: source.commit });
        told.push(workflowId);
      }
      return told;
    },

    async upsertMonitor({ target, source, project, environment, plan, taskQueue, timing }) {
      const { scheduleId, workspace, endpoint, workflowId: endpointWorkflowId } = target;
      const input: MonitoringInput = {
        workspace,
        endpoint,
        endpointWorkflowId,
        source,
        project,
        environment,
        taskQueue,
        ...(plan.job !== undefined && { engine: 'azureml' }),
        timing,
      };
      const options = {
        spec: { cronExpressions: [plan.schedule], timezone: 'UTC' },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' },
        action: {
          type: 'startWorkflow',
          workflowType: workflowTypes.monitoring,
          workflowId: `${scheduleId}/look`,
          taskQueue: activityInfo().taskQueue,
          args: [input],
        },
      } as const satisfies Omit<ScheduleOptions, 'scheduleId'>;
      try {
        await temporal.schedule.create({ scheduleId, ...options });
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        // Whether somebody paused it stays as it is.
        await temporal.schedule.getHandle(scheduleId).update(({ state }) => ({ ...options, state }));
      }
      return { scheduleId };
    },

    async removeMonitor({ scheduleId }) {
      try {
        await temporal.schedule.getHandle(scheduleId).delete();
        return true;
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return false;
        throw error;
      }
    },

    async startRetraining({ source, project, scheduledAt, timing }) {
      const { workflowId } = await startLifecycle(temporal, {
        source,
        project,
        trigger: `retrain/${scheduledAt}`,
        reach: 'production',
        taskQueue: activityInfo().taskQueue,
        startedBy: 'monitoring',
        timing,
      });
      return { lifecycleId: workflowId };
    },

    async compareCommits({ repository, a, b }) {
      if (a === b) return 0;
      const { status } = await compare(github, repository, a, b);
      if (status === 'ahead') return -1;
      return status === 'behind' ? 1 : 0;
    },
  };

  async function tell(workflowId: string, newer: { by: string; commit: string }): Promise<void> {
    try {
      await temporal.workflow.getHandle(workflowId).signal(messages.superseded, newer);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
}
