import { ApplicationFailure } from '@temporalio/common';
import { getDeployment, getEndpoint, modelOf, writeRecord } from '../azureml/index.js';
import type { WorkspaceActivities } from './contract.js';
import { letThrough } from './guard.js';
import type { Workspaces } from './workspaces.js';

/** Takes over what serves already: traffic may come back to it later, since Azure says that it serves now. */
export function adoptingActivities(workspaces: Workspaces): Pick<WorkspaceActivities, 'adoptDeployment'> {
  return {
    async adoptDeployment({ workspace, endpoint, kind, deployment }) {
      const ml = workspaces.client(workspace);
      const [view, found] = await Promise.all([
        getEndpoint(ml, endpoint, kind),
        getDeployment(ml, endpoint, deployment, kind),
      ]);
      if (found === undefined || (view?.traffic[deployment] ?? 0) === 0)
        throw ApplicationFailure.nonRetryable(
          `${deployment} does not serve on ${endpoint}, so it cannot be adopted`,
          'Rejected',
        );
      await writeRecord(ml, letThrough(endpoint, deployment, kind), { adoptedAt: new Date().toISOString() });
      const { name, version } = modelOf(found.model) ?? { name: 'unknown', version: 'unknown' };
      return { model: { name, version, workspace }, commit: found.tags['mlops.commit'] ?? '' };
    },
  };
}
