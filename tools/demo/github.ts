import { runPushAction, workflowIds } from '../local/action.js';
import { type Push, push as pushCommit, type Repository } from '../local/github.js';
import type { Addresses } from '../local/machine.js';

export const repository: Repository = { owner: 'contoso', name: 'diabetes' };

/** Commits a folder as the whole tree of `main`. */
export async function push(addresses: Addresses, dir: string, message: string): Promise<Push> {
  return await pushCommit(addresses, { repository, dir, message });
}

/**
 * Runs the Action as a runner would for this push.
 * @returns ids of the workflows that it started or found
 */
export async function runAction(
  addresses: Addresses,
  pushed: Push,
  workspace: string,
  timing: object,
): Promise<string[]> {
  const run = await runPushAction(addresses, {
    repository,
    pushed,
    workspace,
    changed: ['mlops.yaml'],
    timing,
  });
  if (run.code !== 0) throw new Error(`the Action failed:\n${run.log}`);
  return workflowIds(run);
}
