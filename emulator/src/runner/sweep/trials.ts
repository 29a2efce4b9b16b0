import type { EmulatorContext } from '../../context.js';
import { metricHistory } from '../../mlflow/tracking.js';
import { workspaceAt } from '../../mlflow/workspace.js';
import type { Json } from '../../resources.js';
import type { CommandJob, Job } from '../job.js';
import type { Values } from './sampler.js';
import type { SweepSpec } from './spec.js';

/** A value as a command line or an environment variable carries it. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return JSON.stringify(value);
}

/**
 * The command job of one trial. `${{search_space.x}}` stands in the command of a sweep job, `${{inputs.x}}` in that of
 * the component that a sweep step tries.
 */
export function trialJob(sweep: Job, spec: SweepSpec, number: number, values: Values): Json {
  const { inputs, outputs, computeId, experimentName, environmentVariables } = sweep.properties;
  const { trial, trialTimeout } = spec;
  const chosen = Object.entries(values).map(([name, value]) => [
    name,
    { jobInputType: 'literal', value: textOf(value) },
  ]);
  const own = (trial['environmentVariables'] ?? {}) as Record<string, string>;
  return {
    ...trial,
    jobType: 'Command',
    command: String(trial['command']).replace(
      /\$\{\{\s*search_space\.([\w.-]+)\s*\}\}/g,
      (all: string, name: string) => (name in values ? textOf(values[name]) : all),
    ),
    displayName: `${sweep.properties.displayName ?? sweep.name}_${number}`,
    experimentName,
    computeId,
    inputs: { ...inputs, ...(Object.fromEntries(chosen) as Json) },
    outputs: outputsOf(outputs),
    environmentVariables: { ...environmentVariables, ...own },
    tags: { hyperparameters: JSON.stringify(values) },
    ...(trialTimeout === undefined ? {} : { limits: { jobLimitsType: 'Command', timeout: trialTimeout } }),
  };
}

/** Each trial writes to a place of its own; the best one's is copied to the sweep's. */
function outputsOf(outputs: CommandJob['outputs']): Json {
  const named = Object.entries(outputs ?? {}).filter(([name]) => name !== 'default');
  return Object.fromEntries(
    named.map(([name, { jobOutputType, mode }]) => [name, { jobOutputType, ...(mode ? { mode } : {}) }]),
  );
}

/** What a run has logged of a metric, in order. */
export function loggedValues(
  ctx: EmulatorContext,
  workspaceId: string,
  run: string,
  metric: string,
): number[] {
  return metricHistory(workspaceAt(ctx, workspaceId), run, metric).map(({ value }) => Number(value));
}
