import type { DeployedRelease, Release } from '../../domain/release.js';
import { courtesyActivities } from '../proxies.js';

/** A release's deployment on GitHub, when its lifecycle is over. A courtesy: GitHub that is away changes nothing. */
export async function showOnGitHub(
  { source, project, id: releaseId, lifecycleId, environment }: Release,
  state: 'success' | 'inactive',
  description: string,
): Promise<void> {
  await courtesyActivities()
    .reportRelease({
      ...{ source, project, releaseId, lifecycleId, environment, state, description },
      production: false,
    })
    .catch(() => undefined);
}

/** Which of two releases serves after a rollback; deployments that something else made are not on GitHub. */
export async function showRollback(from: DeployedRelease | undefined, to: DeployedRelease): Promise<void> {
  if (from?.release !== undefined)
    await showOnGitHub(from.release, 'inactive', `rolled back to ${modelOf(to)}`);
  if (to.release === undefined) return;
  const after = from === undefined ? '' : ` after a rollback of ${modelOf(from)}`;
  await showOnGitHub(to.release, 'success', `serves again${after}`);
}

export function modelOf({ model }: DeployedRelease): string {
  return `${model.name}:${model.version}`;
}
