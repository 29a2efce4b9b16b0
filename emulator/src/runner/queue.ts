import type { EmulatorContext } from '../context.js';
import { keyOf } from '../ids.js';
import { getResource } from '../resources.js';

/** How many serverless jobs run at the same time: this machine is one for all of them. */
const SERVERLESS = 2;

/** Starts jobs in the order of submission, as many of a compute as it has nodes. */
export interface JobQueue {
  add(jobId: string, computeId: string): void;
  /** True when the job was still waiting. */
  remove(jobId: string): boolean;
  /** Stops starting jobs; resolves when those that run have ended. */
  close(): Promise<void>;
}

export function createQueue(ctx: EmulatorContext, start: (jobId: string) => Promise<void>): JobQueue {
  const waiting: { jobId: string; compute: string }[] = [];
  const running = new Map<Promise<void>, string>();
  let closed = false;

  function pump(): void {
    for (const entry of [...waiting]) {
      const busy = [...running.values()].filter((compute) => compute === entry.compute).length;
      if (closed || busy >= nodesOf(ctx, entry.compute)) continue;
      waiting.splice(waiting.indexOf(entry), 1);
      const work: Promise<void> = start(entry.jobId).finally(() => {
        running.delete(work);
        pump();
      });
      running.set(work, entry.compute);
    }
  }

  return {
    add(jobId, computeId) {
      waiting.push({ jobId, compute: keyOf(computeId) });
      // Later: the answer to the submission must not wait for the job.
      setImmediate(pump);
    },
    remove(jobId) {
      const at = waiting.findIndex((entry) => entry.jobId === jobId);
      if (at !== -1) waiting.splice(at, 1);
      return at !== -1;
    },
    async close() {
      closed = true;
      await Promise.allSettled(running.keys());
    },
  };
}

/** `AmlCompute` has `maxNodeCount` nodes, a compute instance one; without a compute it is serverless. */
function nodesOf(ctx: EmulatorContext, compute: string): number {
  const found = getResource(ctx.store, compute)?.properties as
    { computeType?: string; properties?: { scaleSettings?: { maxNodeCount?: number } } | null } | undefined;
  if (found === undefined) return SERVERLESS;
  if (found.computeType?.toLowerCase() === 'amlcompute')
    return found.properties?.scaleSettings?.maxNodeCount ?? 1;
  return found.computeType?.toLowerCase() === 'computeinstance' ? 1 : SERVERLESS;
}
