import type { EmulatorContext } from '../context.js';
import { keyOf } from '../ids.js';
import { getResource } from '../resources.js';

/** How many serverless jobs run at the same time: this machine is one for all of them. */
const SERVERLESS = 2;

/** What waits for nodes of a compute. */
export interface QueuedJob {
  readonly jobId: string;
  readonly computeId: string;
  /** How many nodes it takes while it runs. */
  readonly nodes: number;
  /** Resolves when the job has ended; `free` gives its nodes to the next one before, while the job only stores what it made. */
  readonly run: (free: () => void) => Promise<void>;
}

/** Starts jobs in the order of submission, as many of a compute as it has nodes. */
export interface JobQueue {
  /** Resolves when the job has run, or was removed before. */
  add(job: QueuedJob): Promise<void>;
  /** True when the job was still waiting. */
  remove(jobId: string): boolean;
  /** Stops starting jobs; resolves when those that run have ended. */
  close(): Promise<void>;
}

interface Waiting extends QueuedJob {
  readonly done: () => void;
}

interface Compute {
  readonly id: string;
  waiting: Waiting[];
  busy: number;
}

export function createQueue(ctx: EmulatorContext): JobQueue {
  const computes = new Map<string, Compute>();
  const running = new Set<Promise<void>>();
  let closed = false;

  function pump(compute: Compute): void {
    const nodes = nodesOf(ctx, compute.id);
    // The first one that does not fit holds up the rest, or a large job would never find its nodes free.
    for (let next = compute.waiting[0]; next !== undefined && !closed; next = compute.waiting[0]) {
      const taken = Math.min(next.nodes, nodes);
      if (compute.busy + taken > nodes) return;
      compute.waiting.shift();
      compute.busy += taken;
      start(compute, next, taken);
    }
  }

  function start(compute: Compute, { run, done }: Waiting, taken: number): void {
    let held = taken;
    const free = () => {
      compute.busy -= held;
      held = 0;
      pump(compute);
    };
    const work: Promise<void> = run(free).finally(() => {
      running.delete(work);
      free();
      done();
    });
    running.add(work);
  }

  return {
    add(job) {
      const id = keyOf(job.computeId);
      const compute = computes.get(id) ?? { id, waiting: [], busy: 0 };
      computes.set(id, compute);
      return new Promise((done) => {
        compute.waiting.push({ ...job, done });
        // Later: the answer to the submission must not wait for the job.
        setImmediate(pump, compute);
      });
    },
    remove(jobId) {
      for (const { waiting } of computes.values()) {
        const at = waiting.findIndex((entry) => entry.jobId === jobId);
        if (at === -1) continue;
        for (const { done } of waiting.splice(at, 1)) done();
        return true;
      }
      return false;
    },
    async close() {
      closed = true;
      await Promise.allSettled(running);
      for (const { waiting } of computes.values()) for (const { done } of waiting.splice(0)) done();
    },
  };
}

/** `AmlCompute` has `maxNodeCount` nodes, a compute instance one; without a compute it is serverless. */
export function nodesOf(ctx: EmulatorContext, compute: string): number {
  const found = getResource(ctx.store, compute)?.properties as
    { computeType?: string; properties?: { scaleSettings?: { maxNodeCount?: number } } | null } | undefined;
  if (found === undefined) return SERVERLESS;
  if (found.computeType?.toLowerCase() === 'amlcompute')
    return found.properties?.scaleSettings?.maxNodeCount ?? 1;
  return found.computeType?.toLowerCase() === 'computeinstance' ? 1 : SERVERLESS;
}
