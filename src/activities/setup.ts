import { applySetupItem, planSetup } from '../azureml/index.js';
import type { WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { beating } from './heartbeat.js';
import { openProject } from './projects.js';
import type { Workspaces } from './workspaces.js';

export function setupActivities(
  deps: Dependencies,
  workspaces: Workspaces,
): Pick<WorkspaceActivities, 'planSetup' | 'applySetupItem'> {
  return {
    async planSetup({ workspace, ...at }) {
      const { files, project } = await openProject(deps, at);
      const items = await planSetup(workspaces.client(workspace), files, project.setup, {
        makesRegistries: workspace === project.workspace,
      });
      return { items: items.map((item) => ({ ...item, workspace })) };
    },

    applySetupItem: ({ workspace, item, ...at }) =>
      beating(async () => {
        const { files, project } = await openProject(deps, at);
        const ml = workspaces.client(workspace);
        return (
          (await applySetupItem(ml, files, project.setup, { ...item, exists: item.change !== 'create' })) ??
          null
        );
      }),
  };
}
