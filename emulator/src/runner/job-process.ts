import type { EmulatorContext } from '../context.js';
import { parseArmId } from '../ids.js';
import { ensureJobRun, trackingUri } from '../mlflow/tracking.js';
import { spawnGuarded } from '../process.js';
import { rootOf } from './children.js';
import type { Job } from './job.js';

const GRACE_MS = 5000;

/**
 * What a job's process sees: a clean environment, so that no secret of whoever started the emulator leaks into it.
 * `own` (bindings, the Python environment) and the author's variables come on top.
 */
export function jobEnvironment(
  ctx: EmulatorContext,
  job: Job,
  own: Record<string, string>,
): Record<string, string> {
  const id = parseArmId(job.workspaceId);
  const { experiment } = ensureJobRun(ctx, job.resource);
  const workspace = id?.path[0]?.[1] ?? '';
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: process.env['HOME'] ?? '/',
    LANG: process.env['LANG'] ?? 'C.UTF-8',
    PYTHONUNBUFFERED: '1',
    MLFLOW_TRACKING_URI: trackingUri(ctx, job.workspaceId),
    MLFLOW_RUN_ID: job.name,
    MLFLOW_EXPERIMENT_ID: experiment.experiment_id,
    MLFLOW_EXPERIMENT_NAME: experiment.name,
    AZUREML_RUN_ID: job.name,
    AZUREML_ROOT_RUN_ID: rootOf(job.resource),
    AZUREML_EXPERIMENT_ID: experiment.experiment_id,
    AZUREML_ARM_SUBSCRIPTION: id?.subscription ?? '',
    AZUREML_ARM_RESOURCEGROUP: id?.resourceGroup ?? '',
    AZUREML_ARM_WORKSPACE_NAME: workspace,
    AZUREML_ARM_PROJECT_NAME: experiment.name,
    ...own,
    ...job.properties.environmentVariables,
  };
}

export interface Started {
  readonly command: string;
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** Runs the command to its end; an abort ends its whole process group (SIGTERM, after 5 s SIGKILL). Returns the exit code. */
export async function runCommand({ command, cwd, env, signal, onLine }: Started): Promise<number> {
  const running = spawnGuarded('/bin/sh', ['-c', command], { cwd, env, onLine });
  const stop = () => void running.stop(GRACE_MS);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await running.exited;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
