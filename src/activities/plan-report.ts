import { costSettings } from '../azureml/index.js';
import type { FileRef } from '../domain/project.js';
import { pullRequestOf, writeComment } from '../github/index.js';
import { type CostSettings, planMarkdown } from '../reports/index.js';
import type { CoreActivities } from './contract.js';
import { type Dependencies, linkTo } from './dependencies.js';
import { type OpenProject, openProject } from './projects.js';

/** Shows reviewers of a pull request what its commit would do; nothing but files is read, and nothing in Azure changed. */
export function planActivities(deps: Dependencies): Pick<CoreActivities, 'reportPlan'> {
  return {
    async reportPlan({ lifecycleId, setup, champion, ...at }) {
      const { repository, commit, ref } = at.source;
      const number = numberIn(ref) ?? (await pullRequestOf(deps.github, repository, commit))?.number;
      if (number === undefined) return;
      const open = await openProject(deps, at);
      const link = linkTo(deps.links, lifecycleId);
      const markdown = planMarkdown({
        project: open.project,
        commit,
        setup,
        costs: await costsOf(open),
        notes: open.notes,
        ...(champion !== undefined && { champion }),
        ...(link !== undefined && { link }),
      });
      const marker = { lifecycle: lifecycleId, project: at.project, purpose: 'plan' } as const;
      await writeComment(deps.github, { repository, marker, markdown }, number);
    },
  };
}

function numberIn(ref: string): number | undefined {
  const [, number] = /^refs\/pull\/(\d+)\//.exec(ref) ?? [];
  return number === undefined ? undefined : Number(number);
}

async function costsOf({ files, project }: OpenProject) {
  const all = (refs: readonly FileRef[], role: Parameters<typeof costSettings>[2]): Promise<CostSettings[]> =>
    Promise.all(refs.map((ref) => costSettings(files, ref, role)));
  const [setup, candidates, deployments] = await Promise.all([
    all(project.setup, 'setup'),
    all(
      project.candidates.map(({ job }) => job),
      'job',
    ),
    all(
      project.environments.map(({ deployment }) => deployment),
      'deployment',
    ),
  ]);
  return { setup, candidates, deployments };
}
