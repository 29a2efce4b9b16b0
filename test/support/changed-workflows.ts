import { sleep } from '@temporalio/workflow';
import { training as trainingBefore } from '../../src/workflows/training.js';

/** A careless change of a workflow that is under way: it waits first where it used to submit at once. */
export async function training(
  input: Parameters<typeof trainingBefore>[0],
): ReturnType<typeof trainingBefore> {
  await sleep('1 minute');
  return await trainingBefore(input);
}
