import type { WorkflowHandle } from '@temporalio/client';
import { approve, endpointOf, endpointStatusOf, push, until } from './workflow-driving.js';
import type { Lab } from './workflow-lab.js';
import { environment, onePerson, straightTo } from './workflow-projects.js';

/** Two releases to a batch endpoint, of models that a registry holds, and a rollback. */
export async function recordBatch(
  lab: Lab,
  write: (name: string, handle: WorkflowHandle) => Promise<void>,
): Promise<void> {
  const batch = {
    ...{ input: 'azureml:parcels@latest', require: {}, queueMs: 60_000, runMs: 60_000 },
    rows: { op: '>=', value: 1 } as const,
  };
  const target = environment('nightly', { batch, approval: onePerson });
  const stage = lab.stage({
    project: { ...straightTo(target), registry: 'shared' },
    endpointInput: { kind: 'batch' },
  });
  for (const commit of [1, 2]) {
    const handle = await push(stage, { commit });
    await approve(handle);
    await handle.result();
    if (commit === 2) await write('lifecycle-batch-released', handle);
  }
  const owner = endpointOf(stage, 'nightly');
  await owner.signal('rollback');
  await until('the rollback', async () =>
    (await endpointStatusOf(owner)).events.some(({ what }) => what.includes('serves again'))
      ? true
      : undefined,
  );
  await write('endpoint-batch-rolled-back', owner);
}
