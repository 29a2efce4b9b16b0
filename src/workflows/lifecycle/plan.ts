import type { ChampionScore } from '../../domain/evaluation.js';
import { activitiesFor, at, type Lifecycle } from './context.js';

/** Tells the reviewers of a pull request what its commit would do. Nothing waits for it. */
export async function showPlan(lifecycle: Lifecycle): Promise<void> {
  const { tracker, id } = lifecycle;
  const { surfaces, status } = tracker;
  if (!surfaces.catchesUp) return;
  const champion = await championNow(lifecycle);
  const setup = status.phases.find(({ phase }) => phase === 'setup')?.summary ?? '';
  await surfaces.tell('plan', {
    kind: 'reportPlan',
    input: { ...at(lifecycle), lifecycleId: id, setup, ...(champion !== undefined && { champion }) },
  });
}

/** What serves at the end of the way, if that can be read now: a plan blocks nothing. */
async function championNow(lifecycle: Lifecycle): Promise<ChampionScore | undefined> {
  const { project, endpoints } = lifecycle.loaded;
  const last = project.environments.at(-1);
  const target = last === undefined ? undefined : endpoints[last.name];
  if (last === undefined || target === undefined) return undefined;
  const champion = await activitiesFor(lifecycle, last.workspace)
    .quick.championOf({ ...at(lifecycle), target, modelWorkspace: project.workspace })
    .catch(() => null);
  return champion ?? undefined;
}
