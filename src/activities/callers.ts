import { findModel, signatureAt } from '../azureml/index.js';
import { compareSignatures } from '../domain/contract.js';
import type { WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { beating } from './heartbeat.js';
import { openProject } from './projects.js';
import type { Workspaces } from './workspaces.js';

/** What those who call a champion would notice of its challengers. */
export function callersActivities(
  deps: Dependencies,
  workspaces: Workspaces,
): Pick<WorkspaceActivities, 'compareSignatures'> {
  return {
    compareSignatures: ({ candidates, champion, ...at }) =>
      beating(async () => {
        const { project } = await openProject(deps, at);
        const ml = workspaces.client(project.workspace);
        const model = await findModel(ml, champion.name, champion.version);
        // What another project or hand put there promised nothing that could be read.
        const promised = model === undefined ? {} : await signatureAt(ml, model.uri);
        const changes = await Promise.all(
          candidates.map(
            async ({ candidate, path }) =>
              [candidate, compareSignatures(promised, await signatureAt(ml, path))] as const,
          ),
        );
        return Object.fromEntries(changes);
      }),
  };
}
