import type { EmulatorContext } from '../context.js';
import type { Json } from '../resources.js';
import type { Environments } from './environments.js';
import type { Job, JobError } from './job.js';
import { runPipeline } from './pipeline/index.js';
import { runSweep } from './sweep/index.js';

/** A job that another one makes. */
export interface Child {
  readonly name: string;
  readonly properties: Json;
  /** The emulator's own fields of the stored job. */
  readonly internal?: Record<`_${string}`, unknown>;
}

/** What a job that is made of others works with. */
export interface ParentTools {
  readonly ctx: EmulatorContext;
  readonly environments: Environments;
  readonly job: Job;
  /** Aborted when the job is to end before its time; its children are canceled by then. */
  readonly signal: AbortSignal;
  /** Runs a child, or takes up the one of that name; resolves with it when it has ended. */
  readonly runChild: (child: Child) => Promise<Job>;
  /** Stores a child with its outputs and its run, without running it. */
  readonly prepareChild: (child: Child) => Job;
  cancelChild(name: string): Promise<void>;
}

/** Takes a job that is made of others to its end; returns why it failed, or undefined. */
export type RunParent = (tools: ParentTools) => Promise<JobError | undefined>;

/** Kinds of jobs that are made of others, by the lower-cased `jobType`. */
export const PARENTS: Readonly<Record<string, RunParent>> = { sweep: runSweep, pipeline: runPipeline };
