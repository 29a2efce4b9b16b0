import type { WorkspaceTarget } from '../domain/policy.js';
import { opensAt } from '../domain/window.js';
import type { CoreActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { cappedReach, environmentOf, openProject, validateFiles } from './projects.js';

export function projectActivities(
  deps: Dependencies,
): Pick<CoreActivities, 'loadProject' | 'trafficOpensAt'> {
  return {
    async trafficOpensAt({ environment, ...at }) {
      const { window } = environmentOf(await openProject(deps, at), environment).rollout;
      return window === undefined ? Date.now() : opensAt(window, Date.now());
    },

    async loadProject(input) {
      const open = await openProject(deps, input);
      await validateFiles(open);
      const targets = [
        ...ownedWorkspaces(deps, input.project),
        open.grant.training,
        ...Object.values(open.grant.environments),
      ];
      return {
        project: open.project,
        reach: cappedReach(open.reach, input.reach),
        setup: open.grant.setup,
        queues: Object.fromEntries(targets.map(({ alias, taskQueue }) => [alias, taskQueue])),
        endpoints: open.endpoints,
        branch: open.branch,
        ...(deps.logsDelayMs !== undefined && { logsDelayMs: deps.logsDelayMs }),
        notes: open.notes,
      };
    },
  };
}

/** Also where the project has an endpoint that none of its environments names any more. */
function ownedWorkspaces({ policy }: Dependencies, project: string): WorkspaceTarget[] {
  const aliases = Object.keys(policy?.projects.find(({ name }) => name === project)?.endpoints ?? {});
  return aliases.flatMap((alias) => policy?.workspaces[alias] ?? []);
}
