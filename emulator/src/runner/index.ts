import type { EmulatorContext } from '../context.js';
import { keyOf } from '../ids.js';
import { ensureJobRun } from '../mlflow/tracking.js';
import { getResource, resourcesOf } from '../resources.js';
import { outputUri } from './bindings.js';
import { createEnvironments } from './environments.js';
import type { Environments } from './environments.js';
import { executeJob } from './execution.js';
import { changeJob, isFinal, readJob, setStatus } from './job.js';
import type { Job, JobError, JobOutput } from './job.js';
import { createQueue } from './queue.js';
import { ARTIFACT_DATASTORE, artifactPrefix } from './uris.js';

/** Runs command jobs as processes on this machine. */
export interface Runner {
  /**
   * Takes a stored job over: its outputs get their URIs and its MLflow run exists when this returns; the rest happens
   * later and shows in the stored `properties.status`. `jobId` is the job's ARM id.
   */
  submit(jobId: string): void;
  /** Ends a waiting or running job as `Canceled`; does nothing to one that has ended. Resolves when it has ended. */
  cancel(jobId: string): Promise<void>;
  /** At start: jobs that ran when the emulator died become `Failed`, waiting ones are queued again. */
  recover(): void;
  /** Ends all processes; `recover` of the next start tells what became of their jobs. */
  stop(): Promise<void>;
}

interface Running {
  readonly control: AbortController;
  readonly ended: Promise<void>;
}

const INTERRUPTED: JobError = {
  code: 'EmulatorStopped',
  message: 'The emulator stopped while the job ran. Submit it again under another name.',
};

export function createRunner(
  ctx: EmulatorContext,
  environments: Environments = createEnvironments(ctx),
): Runner {
  const running = new Map<string, Running>();
  const queue = createQueue(ctx, async (jobId) => {
    const control = new AbortController();
    const ended = executeJob(ctx, environments, jobId, control);
    running.set(jobId, { control, ended });
    await ended.finally(() => running.delete(jobId));
  });

  function enqueue(job: Job): void {
    const problem = whyNotRunnable(ctx, job);
    if (problem !== undefined) {
      setStatus(ctx, job.id, 'Failed', problem);
      return;
    }
    setStatus(ctx, job.id, 'Queued');
    queue.add(keyOf(job.id), job.properties.computeId ?? 'serverless');
  }

  return {
    submit(jobId) {
      const job = readJob(ctx, jobId);
      if (job === undefined) return;
      showOutputs(ctx, job);
      ensureJobRun(ctx, job.resource);
      enqueue(job);
    },
    async cancel(jobId) {
      const key = keyOf(jobId);
      const job = readJob(ctx, key);
      if (job === undefined || isFinal(job.properties.status)) return;
      setStatus(ctx, key, 'CancelRequested');
      const active = running.get(key);
      if (queue.remove(key) || active === undefined) {
        setStatus(ctx, key, 'Canceled');
        return;
      }
      active.control.abort('canceled');
      await active.ended;
    },
    recover() {
      for (const { key, value } of resourcesOf(ctx.store).list()) {
        if (!/\/workspaces\/[^/]+\/jobs\/[^/]+$/.test(key)) continue;
        const status = String(value.properties['status']);
        if (isFinal(status) || running.has(key)) continue;
        const job = readJob(ctx, key);
        if (job === undefined) continue;
        if (status === 'NotStarted' || status === 'Queued') enqueue(job);
        else if (status === 'CancelRequested') setStatus(ctx, key, 'Canceled');
        else setStatus(ctx, key, 'Failed', INTERRUPTED);
      }
    },
    async stop() {
      for (const { control } of running.values()) control.abort('stopped');
      await queue.close();
    },
  };
}

function whyNotRunnable(ctx: EmulatorContext, job: Job): JobError | undefined {
  const { jobType, command, computeId } = job.properties;
  if (jobType.toLowerCase() !== 'command' || typeof command !== 'string')
    return {
      code: 'UserError',
      message: `The emulator runs jobs of type Command; this one is of type ${jobType}.`,
    };
  const named = computeId ?? '';
  const isServerless = named === '' || /\/computes\/serverless$/i.test(named);
  if (isServerless || getResource(ctx.store, named) !== undefined) return undefined;
  return {
    code: 'UserError',
    message: `Compute ${named} was not found: create it, or leave compute out for serverless.`,
  };
}

/** Outputs are answered with their URIs from the first GET on, and with `default`, the run's own artifacts. */
function showOutputs(ctx: EmulatorContext, job: Job): void {
  changeJob(ctx, job.id, (stored) => {
    const given = Object.entries(job.properties.outputs ?? {}).filter(([name]) => name !== 'default');
    const named = given.map(([name, output]): [string, JobOutput] => [
      name,
      { ...output, uri: outputUri(job.name, name, output) },
    ]);
    const uri = `azureml://datastores/${ARTIFACT_DATASTORE}/${artifactPrefix(job.name)}`;
    const outputs = {
      ...Object.fromEntries(named),
      default: { jobOutputType: 'uri_folder', mode: 'ReadWriteMount', uri },
    };
    const { services, properties } = stored.properties;
    stored.properties = {
      ...stored.properties,
      outputs,
      services: services ?? {},
      properties: properties ?? {},
    };
  });
}
