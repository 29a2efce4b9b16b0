import { guidOf } from '../../ids.js';
import type { JobError, JobInput } from '../job.js';
import type { ParentTools } from '../parents.js';
import type { Scope } from './bindings.js';
import type { Graph } from './graph.js';

type Outputs = Readonly<Record<string, JobInput>>;

/** How a step came out. */
export type Outcome =
  | {
      readonly kind: 'done';
      readonly outputs: Outputs;
      /** What a condition came to. */
      readonly answer?: boolean;
      /** The job that made the outputs. */
      readonly job?: string;
    }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'failed'; readonly error: JobError };

/** One run of a pipeline. */
export interface Run {
  readonly tools: ParentTools;
  readonly graph: Graph;
  readonly outcomes: Map<string, Promise<Outcome>>;
  readonly ended: Map<string, Outcome>;
  /** Names of the jobs of steps that run. */
  readonly running: Set<string>;
  readonly pipelineInputs: Outputs;
  readonly note: (line: string) => void;
  halted: boolean;
}

export function isOver({ halted, tools }: Run): boolean {
  return halted || tools.signal.aborted;
}

export function scopeOf({ ended, pipelineInputs }: Run): Scope {
  return {
    inputs: pipelineInputs,
    output: (step, output) => {
      const outcome = ended.get(step);
      return outcome?.kind === 'done' ? outcome.outputs[output] : undefined;
    },
  };
}

export function failure(error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'failed', error: { code: 'UserError', message } };
}

/** Name of the job that a step runs as; `iteration` where a loop repeats it. */
export function stepJobName(pipelineId: string, step: string, iteration?: string): string {
  return guidOf([pipelineId, step, ...(iteration === undefined ? [] : [iteration])].join('/'));
}
