import { runPushAction, workflowIds } from '../local/action.js';
import { type Push, push as pushCommit, type Repository } from '../local/github.js';
import type { Addresses } from '../local/machine.js';

/** A folder that is pushed as the whole tree of `main`. */
export interface Checkout {
  readonly repository: Repository;
  readonly dir: string;
  /** Paths that a push says it changed. */
  readonly changed: readonly string[];
}

export async function push(
  addresses: Addresses,
  { repository, dir }: Checkout,
  message: string,
): Promise<Push> {
  return await pushCommit(addresses, { repository, dir, message });
}

/**
 * Runs the Action as a runner would for this push.
 * @returns ids of the workflows that it started or found
 */
export async function runAction(
  addresses: Addresses,
  pushed: Push,
  { repository, dir: workspace, changed }: Checkout,
  timing: object,
): Promise<string[]> {
  const run = await runPushAction(addresses, { repository, pushed, workspace, changed, timing });
  if (run.code !== 0) throw new Error(`the Action failed:\n${run.log}`);
  return workflowIds(run);
}
