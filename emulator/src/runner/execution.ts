import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmulatorContext } from '../context.js';
import { fetchInputs, prepareOutputs, storeOutputs } from './bindings.js';
import { bindingVariables, fillCommand } from './command-line.js';
import type { Bindings } from './command-line.js';
import type { Environments, PythonEnvironment } from './environments.js';
import { planProcesses } from './distribution.js';
import { finish, toJobError, watchLimit } from './ending.js';
import { readJob, setStatus } from './job.js';
import type { Job, JobError } from './job.js';
import { jobEnvironment, runCommand } from './job-process.js';
import type { Started } from './job-process.js';
import { createLogBlob } from './log-blob.js';
import { DRIVER_VARIABLE } from './parallel/command.js';
import { PARALLEL_DRIVER } from './parallel/driver.js';
import type { LogBlob } from './log-blob.js';
import { artifactLocation, download, resolveUri, upload } from './uris.js';

const TAIL = 20;

/** Takes a queued job to its end and stores that; never rejects. An abort's reason is an `Interruption`. */
export async function executeJob(
  ctx: EmulatorContext,
  environments: Environments,
  jobId: string,
  control: AbortController,
  onProcessEnd: () => void,
): Promise<void> {
  const job = readJob(ctx, jobId);
  if (job === undefined) return;
  const work = await mkdtemp(join(tmpdir(), 'azureml-job-'));
  try {
    await ctx.faults.check('job.start');
    await ctx.blob.ready;
    await runPhases(ctx, environments, job, work, control, onProcessEnd);
  } catch (error) {
    finish(ctx, job, control.signal, toJobError(error));
  } finally {
    // An abandoned preparation may still be writing there.
    await rm(work, { recursive: true, force: true, maxRetries: 5 }).catch((error: unknown) => {
      ctx.log(`${work}: ${toJobError(error).message}`);
    });
  }
}

interface Prepared {
  readonly cwd: string;
  /** Variables of the emulator's own. */
  readonly own: Record<string, string>;
  readonly bindings: Bindings;
  readonly python: PythonEnvironment;
}

async function runPhases(
  ctx: EmulatorContext,
  environments: Environments,
  job: Job,
  work: string,
  control: AbortController,
  onProcessEnd: () => void,
): Promise<void> {
  const root = artifactLocation(ctx, job.workspaceId, job.name);
  const notes = createLogBlob(ctx, { ...root, prefix: `${root.prefix}/system_logs/emulator.txt` });
  try {
    setStatus(ctx, job.id, 'Preparing');
    const prepared = await orAborted(prepare(ctx, environments, job, work, notes), control.signal);
    if (prepared === undefined) return;
    const error = await run(ctx, job, prepared, control);
    onProcessEnd();
    if (!control.signal.aborted) setStatus(ctx, job.id, 'Finalizing');
    const completed = error === undefined && !control.signal.aborted;
    const stored = await Promise.allSettled([
      storeArtifacts(ctx, job, prepared.cwd),
      completed ? storeOutputs(ctx, job, prepared.bindings.outputs) : undefined,
      notes.close(),
    ]);
    stored.forEach(valueOf);
    finish(ctx, job, control.signal, error);
  } finally {
    await notes.close();
    if (control.signal.aborted) finish(ctx, job, control.signal, undefined);
  }
}

/** Preparation can take minutes and cannot be interrupted: a canceled job does not wait for it. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener(
      'abort',
      () => {
        resolve(undefined);
      },
      { once: true },
    );
  });
  const result = await Promise.race([work, aborted]);
  work.catch(() => undefined);
  return signal.aborted ? undefined : result;
}

async function prepare(
  ctx: EmulatorContext,
  environments: Environments,
  job: Job,
  work: string,
  notes: LogBlob,
): Promise<Prepared> {
  const onLine = (line: string) => {
    notes.write(line);
  };
  noteWhatIsIgnored(job, onLine);
  const cwd = join(work, 'code');
  await mkdir(cwd, { recursive: true });
  const own = await writeOwnFiles(job, work);
  const parts = await Promise.allSettled([
    environments.ensure(job.properties.environmentId ?? undefined, [], onLine),
    fetchInputs(ctx, job, join(work, 'inputs')),
    prepareOutputs(job, join(work, 'outputs')),
    fetchCode(ctx, job, cwd),
  ]);
  const [python, inputs, outputs, code] = parts;
  for (const part of parts) if (part.status === 'rejected') onLine(toJobError(part.reason).message);
  if (code.status === 'rejected') throw code.reason;
  return {
    cwd,
    own,
    python: valueOf(python),
    bindings: { inputs: valueOf(inputs), outputs: valueOf(outputs) },
  };
}

/** The program that a job in mini-batches is run by. */
async function writeOwnFiles(job: Job, work: string): Promise<Record<string, string>> {
  if (!job.properties.command.includes(DRIVER_VARIABLE)) return {};
  const path = join(work, 'parallel.py');
  await writeFile(path, PARALLEL_DRIVER);
  return { [DRIVER_VARIABLE]: path };
}

/** The value of work that succeeded; throws why it did not. */
function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

function noteWhatIsIgnored(job: Job, onLine: (line: string) => void): void {
  const { distribution, resources } = job.properties;
  const kind = distribution?.distributionType;
  if (kind?.toLowerCase() === 'ray') onLine('No Ray cluster is made: the job runs as one process.');
  if (kind?.toLowerCase() === 'mpi')
    onLine(
      'The processes are told their ranks; mpirun, which would carry messages between them, is not run.',
    );
  if ((kind ?? null) === null && (resources?.instanceCount ?? 1) > 1)
    onLine('The job has no distribution, so one process runs: on the first of its nodes.');
}

async function fetchCode(ctx: EmulatorContext, job: Job, dir: string): Promise<void> {
  const { codeId } = job.properties;
  if (typeof codeId === 'string' && codeId !== '')
    await download(ctx, resolveUri(ctx, job.workspaceId, codeId), dir);
}

/** Runs the command in each of the job's processes; returns why it failed, or undefined. */
async function run(
  ctx: EmulatorContext,
  job: Job,
  { cwd, own, bindings, python }: Prepared,
  control: AbortController,
): Promise<JobError | undefined> {
  const command = fillCommand(job.properties.command, bindings);
  const env = jobEnvironment(ctx, job, { ...python.env, ...own, ...bindingVariables(bindings) });
  const plans = await planProcesses(
    job.properties.distribution,
    job.properties.resources?.instanceCount ?? 1,
  );
  // The end of one process ends the others: by then they only wait for it.
  const failing = new AbortController();
  const signal = AbortSignal.any([control.signal, failing.signal]);
  const endWatch = watchLimit(ctx, job, control);
  setStatus(ctx, job.id, 'Running');
  const errors = await Promise.all(
    plans.map(async (plan) => {
      const started = { command, cwd, env: { ...env, ...plan.env }, signal };
      const error = await runProcess(ctx, job, plan.log, started);
      if (error !== undefined && !signal.aborted) {
        failing.abort();
        return error;
      }
      return undefined;
    }),
  );
  endWatch();
  return errors.find((error) => error !== undefined);
}

/** Runs one process with its log; returns why it failed, or undefined. */
async function runProcess(
  ctx: EmulatorContext,
  job: Job,
  log: string,
  started: Omit<Started, 'onLine'>,
): Promise<JobError | undefined> {
  const root = artifactLocation(ctx, job.workspaceId, job.name);
  const output = createLogBlob(ctx, { ...root, prefix: `${root.prefix}/user_logs/${log}` });
  const tail: string[] = [];
  const onLine = (line: string) => {
    output.write(line);
    tail.push(line);
    if (tail.length > TAIL) tail.shift();
  };
  try {
    const code = await runCommand({ ...started, onLine });
    if (code === 0) return undefined;
    return {
      code: 'UserError',
      message: `Execution failed. The command exited with code ${code}. Last lines of its log:\n${tail.join('\n')}`,
    };
  } finally {
    await output.close();
  }
}

/** As Azure ML does, whatever lies in `./outputs` and `./logs` becomes the run's artifacts, also when it failed. */
async function storeArtifacts(ctx: EmulatorContext, job: Job, cwd: string): Promise<void> {
  const root = artifactLocation(ctx, job.workspaceId, job.name);
  const store = async (folder: string) => {
    const path = join(cwd, folder);
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isFolder) await upload(ctx, path, { ...root, prefix: `${root.prefix}/${folder}` });
  };
  await Promise.all(['outputs', 'logs'].map(store));
}
