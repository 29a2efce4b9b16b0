import type { EmulatorContext } from '../context.js';
import { keyOf } from '../ids.js';
import { ensureJobRun } from '../mlflow/tracking.js';
import { getResource, resourcesOf } from '../resources.js';
import { outputUri } from './bindings.js';
import { childrenOfJob, storeChild } from './children.js';
import { finish, toJobError, watchLimit } from './ending.js';
import { createEnvironments } from './environments.js';
import type { Environments } from './environments.js';
import { executeJob } from './execution.js';
import { changeJob, isFinal, readJob, setStatus } from './job.js';
import type { Job, JobError, JobOutput } from './job.js';
import { PARENTS } from './parents.js';
import type { ParentTools, RunParent } from './parents.js';
import { createQueue, nodesOf } from './queue.js';
import { ARTIFACT_DATASTORE, artifactPrefix } from './uris.js';

/** Runs jobs as processes on this machine. */
export interface Runner {
  /**
   * Takes a stored job over: its outputs get their URIs and its MLflow run exists when this returns; the rest happens
   * later and shows in the stored `properties.status`. `jobId` is the job's ARM id.
   */
  readonly submit: (jobId: string) => void;
  /** Ends a waiting or running job as `Canceled`, with its children; does nothing to one that has ended. Resolves when it has ended. */
  cancel(jobId: string): Promise<void>;
  /** At start: jobs whose process ran when the emulator died become `Failed`, waiting ones are queued again, sweeps and pipelines go on with what their children came to. */
  recover(): void;
  /** Ends all processes; `recover` of the next start tells what became of their jobs. */
  stop(): Promise<void>;
}

interface Active {
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
  const active = new Map<string, Active>();
  const queue = createQueue(ctx);

  function launch(job: Job): Promise<void> {
    const key = keyOf(job.id);
    const known = active.get(key);
    if (known !== undefined) return known.ended;
    const problem = whyNotRunnable(ctx, job);
    if (problem !== undefined) {
      setStatus(ctx, job.id, 'Failed', problem);
      return Promise.resolve();
    }
    const control = new AbortController();
    const parent = isParent(job) ? PARENTS[job.properties.jobType.toLowerCase()] : undefined;
    const ended = (
      parent === undefined ? enqueue(key, job, control) : orchestrate(job, parent, control)
    ).finally(() => active.delete(key));
    active.set(key, { control, ended });
    return ended;
  }

  function enqueue(jobId: string, job: Job, control: AbortController): Promise<void> {
    setStatus(ctx, job.id, 'Queued');
    const { computeId, resources } = job.properties;
    return queue.add({
      jobId,
      computeId: computeId ?? 'serverless',
      nodes: resources?.instanceCount ?? 1,
      run: (free) => executeJob(ctx, environments, jobId, control, free),
    });
  }

  /** Never rejects. Works from what is stored, so that it can be begun again after a restart. */
  async function orchestrate(job: Job, run: RunParent, control: AbortController): Promise<void> {
    const { signal } = control;
    const endWatch = watchLimit(ctx, job, control);
    try {
      await ctx.faults.check('job.start');
      await ctx.blob.ready;
      setStatus(ctx, job.id, 'Running');
      finish(ctx, job, signal, await run(toolsOf(job, signal)));
    } catch (error) {
      finish(ctx, job, signal, toJobError(error));
    } finally {
      endWatch();
    }
  }

  function toolsOf(job: Job, signal: AbortSignal): ParentTools {
    const childId = (name: string) => `${job.workspaceId}/jobs/${name}`;
    return {
      ...{ ctx, environments, job, signal },
      prepareChild({ name, properties, internal }) {
        const { id } = storeChild(ctx, job, name, properties, internal);
        return prepare(id) ?? job;
      },
      async runChild({ name, properties, internal }) {
        storeChild(ctx, job, name, properties, internal);
        const cancel = () => {
          if (signal.reason !== 'stopped') void runner.cancel(childId(name));
        };
        if (signal.aborted) cancel();
        signal.addEventListener('abort', cancel, { once: true });
        await submit(childId(name));
        signal.removeEventListener('abort', cancel);
        const ended = readJob(ctx, childId(name));
        if (ended === undefined) throw new Error(`The job ${name} was deleted while it ran.`);
        return ended;
      },
      cancelChild: (name) => runner.cancel(childId(name)),
    };
  }

  /** Resolves when the job has ended. */
  function submit(jobId: string): Promise<void> {
    const job = readJob(ctx, jobId);
    if (job === undefined || isFinal(job.properties.status)) return Promise.resolve();
    return launch(prepare(jobId) ?? job);
  }

  /** Gives a job its run and the places of its outputs. */
  function prepare(jobId: string): Job | undefined {
    const job = readJob(ctx, jobId);
    if (job === undefined) return undefined;
    showOutputs(ctx, job);
    ensureJobRun(ctx, job.resource);
    return readJob(ctx, jobId);
  }

  const runner: Runner = {
    submit(jobId) {
      void submit(jobId);
    },
    async cancel(jobId) {
      const key = keyOf(jobId);
      const job = readJob(ctx, key);
      if (job === undefined || isFinal(job.properties.status)) return;
      setStatus(ctx, key, 'CancelRequested');
      const running = active.get(key);
      if (queue.remove(key) || running === undefined) {
        setStatus(ctx, key, 'Canceled');
        return;
      }
      running.control.abort('canceled');
      await running.ended;
    },
    recover() {
      const left = resourcesOf(ctx.store)
        .list()
        .filter(({ key }) => /\/workspaces\/[^/]+\/jobs\/[^/]+$/.test(key) && !active.has(key))
        .flatMap(({ key }) => readJob(ctx, key) ?? [])
        .filter(({ properties }) => !isFinal(properties.status));
      // Processes that are gone first: what is made of them goes on by how they ended.
      for (const job of left) if (!isParent(job)) settle(job);
      for (const job of left) if (isParent(job)) settle(job);
    },
    async stop() {
      for (const { control } of active.values()) control.abort('stopped');
      await queue.close();
      await Promise.all([...active.values()].map(({ ended }) => ended));
    },
  };

  /** What becomes of a job that an earlier process left unfinished. */
  function settle(job: Job): void {
    const { status } = job.properties;
    if (status === 'CancelRequested') {
      setStatus(ctx, job.id, 'Canceled');
      for (const { id } of childrenOfJob(ctx, job.workspaceId, job.name)) void runner.cancel(id);
    } else if (isParent(job) || status === 'NotStarted' || status === 'Queued') void launch(job);
    else setStatus(ctx, job.id, 'Failed', INTERRUPTED);
  }

  return runner;
}

function isParent(job: Job): boolean {
  return Object.hasOwn(PARENTS, job.properties.jobType.toLowerCase());
}

function whyNotRunnable(ctx: EmulatorContext, job: Job): JobError | undefined {
  const { jobType, command, computeId, resources } = job.properties;
  if (isParent(job)) return undefined;
  if (jobType.toLowerCase() !== 'command' || typeof command !== 'string')
    return userProblem(
      `The emulator runs jobs of type Command, Sweep and Pipeline; this one is of type ${jobType}.`,
    );
  const named = computeId ?? '';
  const isServerless = named === '' || /\/computes\/serverless$/i.test(named);
  if (isServerless) return undefined;
  if (getResource(ctx.store, named) === undefined)
    return userProblem(`Compute ${named} was not found: create it, or leave compute out for serverless.`);
  const nodes = resources?.instanceCount ?? 1;
  const most = nodesOf(ctx, named);
  if (nodes <= most) return undefined;
  return userProblem(`The job needs ${nodes} nodes; the compute ${named} has at most ${most}.`);
}

function userProblem(message: string): JobError {
  return { code: 'UserError', message };
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
    stored._outputs ??= Object.fromEntries(given);
    const { services, properties } = stored.properties;
    stored.properties = {
      ...stored.properties,
      outputs,
      services: services ?? {},
      properties: properties ?? {},
    };
  });
}
