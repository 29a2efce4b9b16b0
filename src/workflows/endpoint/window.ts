import { sleep } from '@temporalio/workflow';
import type { Environment } from '../../domain/project.js';
import type { Release } from '../../domain/release.js';
import type { Owner } from './context.js';
import { showProgress } from './talk.js';

/**
 * Waits until the environment's hours let traffic change. An activity reckons them, because time zones differ between
 * versions of Node and a workflow must not. Rollbacks and aborts do not come here.
 */
export async function untilOpen(
  owner: Owner,
  { source, project }: Release,
  { name: environment, rollout: { window } }: Environment,
): Promise<void> {
  if (window === undefined) return;
  const { core, parking } = owner;
  for (;;) {
    const at = await parking.step('window', () => core.trafficOpensAt({ source, project, environment }));
    if (at <= Date.now()) return;
    await showProgress(owner, `waits until ${new Date(at).toISOString()}: traffic changes ${window}`);
    await sleep(at - Date.now());
  }
}
