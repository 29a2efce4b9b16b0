import { adoptingActivities } from './adopting.js';
import { approvalActivities } from './approvals.js';
import { batchTestActivities } from './batch-tests.js';
import { callersActivities } from './callers.js';
import type { Activities } from './contract.js';
import { comparingActivities } from './comparing.js';
import type { Dependencies } from './dependencies.js';
import { endpointActivities } from './endpoints.js';
import { evaluatingActivities } from './evaluating.js';
import { toFailure } from './errors.js';
import { collectEvidence } from './evidence.js';
import { beating } from './heartbeat.js';
import { lifecycleActivities } from './lifecycles.js';
import { lookActivities } from './looks.js';
import { modelActivities } from './models.js';
import { monitoringActivities } from './monitoring.js';
import { monitoringJobActivities } from './monitoring-jobs.js';
import { packageActivities } from './packages.js';
import { planActivities } from './plan-report.js';
import { pollingActivities } from './polling.js';
import { projectActivities } from './project-activities.js';
import { releaseActivities } from './releases.js';
import { registeringActivities } from './registering.js';
import { reportingActivities } from './reporting.js';
import { retiringActivities } from './retiring.js';
import { setupActivities } from './setup.js';
import { lifecycleCommentActivities } from './lifecycle-comments.js';
import { sharingActivities } from './sharing.js';
import { steeringActivities } from './steering.js';
import { trainingActivities } from './training.js';
import { createWorkspaces } from './workspaces.js';

export type { Activities } from './contract.js';
export type { Dependencies, Links } from './dependencies.js';

/** Every activity, with its failures in their Temporal form. */
export function createActivities(deps: Dependencies): Activities {
  const workspaces = createWorkspaces(deps);
  return mapped({
    ...projectActivities(deps),
    ...approvalActivities(deps),
    ...lifecycleCommentActivities(deps),
    ...steeringActivities(deps),
    ...endpointActivities(deps),
    ...lifecycleActivities(deps),
    ...reportingActivities(deps),
    ...planActivities(deps),
    ...pollingActivities(deps),
    ...setupActivities(deps, workspaces),
    ...trainingActivities(deps, workspaces),
    ...evaluatingActivities(deps, workspaces),
    ...callersActivities(deps, workspaces),
    ...packageActivities(deps, workspaces),
    ...modelActivities(deps, workspaces),
    ...registeringActivities(deps, workspaces),
    ...releaseActivities(deps, workspaces),
    ...retiringActivities(deps, workspaces),
    ...sharingActivities(deps, workspaces),
    ...batchTestActivities(deps, workspaces),
    ...adoptingActivities(workspaces),
    ...comparingActivities(deps, workspaces),
    ...monitoringActivities(deps, workspaces),
    ...monitoringJobActivities(deps, workspaces),
    ...lookActivities(deps, workspaces),
    collectEvidence: ({ release, ...binding }) =>
      beating(() => collectEvidence(deps, workspaces, release, binding)),
  });
}

function mapped(activities: Activities): Activities {
  const entries = Object.entries(activities).map(
    ([name, activity]: [string, (input: never) => Promise<unknown>]) => [
      name,
      async (input: never) => {
        try {
          return await activity(input);
        } catch (error) {
          throw toFailure(error);
        }
      },
    ],
  );
  return Object.fromEntries(entries) as Activities;
}
