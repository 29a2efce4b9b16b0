import { patched } from '@temporalio/workflow';
import { activitiesFor, at, type Lifecycle } from './context.js';

/**
 * An endpoint whose environment was taken out of `mlops.yaml` goes on serving, and costs. It is proposed to retire it,
 * never done: somebody may still call it.
 */
export async function proposeRetiring(lifecycle: Lifecycle): Promise<void> {
  const { loaded, tracker } = lifecycle;
  if (loaded.reach !== 'production' || !patched('propose to retire')) return;
  const workspaces = Object.keys(loaded.queues);
  const found = await Promise.all(
    workspaces.map((workspace) =>
      activitiesFor(lifecycle, workspace)
        .quick.strandedEndpoints({ ...at(lifecycle), workspace })
        // Who may not look there proposes nothing.
        .catch((): string[] => []),
    ),
  );
  for (const [index, endpoints] of found.entries()) {
    for (const endpoint of endpoints)
      tracker.note(
        `no environment in mlops.yaml names the endpoint ${endpoint} (${workspaces[index] ?? ''}) any more, and it still stands: \`mlops retire ${endpoint}\` shows who calls it and takes it down`,
      );
  }
}
