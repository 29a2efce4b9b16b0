import { setTimeout as pause } from 'node:timers/promises';
import type { AzureMl, BatchOutput, JobView } from '../../azureml/index.js';
import type { BatchTest } from '../../domain/project.js';
import { nextLookMs, defaultTiming } from '../../domain/timing.js';
import { azureFor, explainAzure } from '../azure.js';
import { CliError, type ExitCode, exitCodes, failed } from '../failures.js';
import { type Io, say, sayJson } from '../io.js';
import { settingsOf } from '../temporal.js';
import { createProgress, type Progress } from '../terminal.js';

export interface InvokeOptions {
  readonly input: string;
  readonly type?: NonNullable<BatchTest['type']>;
  readonly deployment?: string;
  readonly workspace?: string;
  /** Calling again under the same name finds the job. */
  readonly name?: string;
  /** False: do not wait for the job. */
  readonly wait: boolean;
  readonly json?: boolean;
}

const longestLookMs = 30_000;
const logLines = 20;

/** Scores data by a batch endpoint, and waits for the job; ending the command leaves the job alone. */
export async function invoke(io: Io, endpoint: string, options: InvokeOptions): Promise<ExitCode> {
  const azure = await import('../../azureml/index.js');
  const progress = createProgress(io.err, io.tty, true);
  try {
    const ml = await azureFor(settingsOf(io), options);
    const known = options.name === undefined ? undefined : await azure.getJob(ml, options.name);
    const job = known?.name ?? (await begin(io, ml, endpoint, options));
    const view = known ?? (await azure.getJob(ml, job));
    const link = view?.studioUrl ?? azure.studioLink(ml, `runs/${job}`);
    progress.print({
      tone: 'note',
      label: '',
      text: `${known === undefined ? 'started' : 'found'} ${job}: ${link}`,
    });
    if (!options.wait) {
      if (options.json === true) sayJson(io, { job, link, status: view?.status ?? 'NotStarted' });
      else say(io, job);
      return exitCodes.ok;
    }
    const end = await awaitEnd(ml, job, progress);
    if (end.status !== 'Completed') return await tellFailure(io, ml, end, options);
    const output = await azure.batchOutput(ml, job);
    progress.print({ tone: 'done', label: 'job', text: doneText(output), ...msOf(end) });
    tell(io, end, output, options);
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CliError || !(error instanceof Error)) throw error;
    throw error instanceof azure.SourceError ? failed(error.message) : explainAzure(error, io.env);
  } finally {
    progress.end();
  }
}

async function begin(
  { cwd }: Io,
  ml: AzureMl,
  endpoint: string,
  { input, type, deployment, name }: InvokeOptions,
): Promise<string> {
  const { batchData, invokeBatch } = await import('../../azureml/index.js');
  const data = await batchData(ml, { root: cwd, dir: cwd }, { input, ...(type !== undefined && { type }) });
  return await invokeBatch(ml, {
    ...{ endpoint, data },
    ...(deployment !== undefined && { deployment }),
    ...(name !== undefined && { name }),
  });
}

async function awaitEnd(ml: AzureMl, job: string, progress: Progress): Promise<JobView> {
  const { getJob } = await import('../../azureml/index.js');
  const began = Date.now();
  let shown = '';
  for (;;) {
    const view = await getJob(ml, job);
    if (view === undefined) throw failed(`job ${job} is gone from workspace ${ml.target.name}`);
    if (view.final) return view;
    if (view.status !== shown) progress.print({ tone: 'running', label: 'job', text: view.status });
    shown = view.status;
    await pause(Math.min(longestLookMs, nextLookMs(Date.now() - began, defaultTiming)));
  }
}

function doneText({ rows, files, unreadable }: BatchOutput): string {
  return [`${rows} rows in ${files.length === 0 ? 'no file' : files.join(', ')}`, ...unreadable].join('; ');
}

function msOf({ seconds }: JobView): { readonly ms?: number } {
  return seconds === undefined ? {} : { ms: seconds * 1000 };
}

function tell(
  io: Io,
  { name, studioUrl, status, outputs }: JobView,
  output: BatchOutput,
  options: InvokeOptions,
): void {
  const uri = outputs['score']?.uri ?? `azureml://jobs/${name}/outputs/score/paths/`;
  if (options.json === true) sayJson(io, { job: name, link: studioUrl, status, output: uri, ...output });
  else say(io, uri);
}

async function tellFailure(io: Io, ml: AzureMl, end: JobView, { json }: InvokeOptions): Promise<ExitCode> {
  const { batchLogTail } = await import('../../azureml/index.js');
  const log = await batchLogTail(ml, end.name, logLines);
  const { name: job, studioUrl: link, status, error } = end;
  if (json === true) sayJson(io, { job, link, status, ...(error !== undefined && { error }), log });
  throw failed(
    [`job ${job} ended as ${status}${error === undefined ? '' : `: ${error}`}; see ${link}`, log]
      .filter((part) => part !== '')
      .join('\n'),
  );
}
