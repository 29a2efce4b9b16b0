import { dirname, join, normalize } from 'node:path/posix';
import type { Asker } from './asking.js';
import { isOpen } from './az-command.js';
import { isLoss, rankMetrics } from './code-hints.js';
import { pickFile } from './pick-file.js';
import type { AzFile, Survey } from './survey.js';

/** How the project trains and judges. */
export interface Training {
  readonly job: string;
  readonly set: Readonly<Record<string, string>>;
  readonly model?: string;
  /** `jobs.<step>` of a pipeline. */
  readonly metricsFrom?: string;
  readonly gate?: { readonly metric: string; readonly goal: 'maximize' | 'minimize' };
}

const none = '';

/** The job that trains: asked for where several could. Undefined when no file is a job. */
export async function findTraining(survey: Survey, ask: Asker): Promise<Training | undefined> {
  const job = await pickJob(survey, ask);
  if (job === undefined) return undefined;
  const steps = stepsOf(job);
  const hints = await Promise.all(
    steps.map(async ({ name, code }) => ({ name, ...(await survey.hints(codeFolder(job, code))) })),
  );
  const ranked = rankMetrics([...new Set(hints.flatMap(({ metrics }) => metrics))]);
  const metric = await pickMetric(ranked, ask);
  const model = modelOf(
    job,
    hints.flatMap(({ models }) => models),
  );
  const step = job.kind === 'pipelineJob' ? await pickStep(hints, metric, ask) : undefined;
  return {
    job: job.path,
    set: setOf(survey, job.path),
    ...(model === undefined ? {} : { model }),
    ...(step === undefined ? {} : { metricsFrom: `jobs.${step}` }),
    ...(metric === none ? {} : { gate: { metric, goal: isLoss(metric) ? 'minimize' : 'maximize' } }),
  };
}

async function pickJob(survey: Survey, ask: Asker): Promise<AzFile | undefined> {
  const ranked = survey.files
    .filter(({ roles }) => roles.includes('job'))
    .map((file) => ({ file, score: trainingScore(survey, file) }));
  return await pickFile(ranked, ask, {
    question: 'Which job trains the model?',
    lead: clearLead,
    describe: ({ path, kind }) => `${path} (${kind})`,
  });
}

const clearLead = 3;

/** How much speaks for a job being the one that trains: being run by a script counts most. */
function trainingScore(survey: Survey, { path, value, kind }: AzFile): number {
  const used =
    survey.commands.some(({ group, file }) => group === 'job' && file === path) || survey.named.has(path);
  const words = `${path} ${textOf(value['display_name'])} ${textOf(value['experiment_name'])} ${textOf(value['command'])}`;
  return (
    (used ? 4 : 0) +
    (/train|fit/i.test(words) ? 2 : 0) +
    (kind === 'pipelineJob' ? 1 : 0) +
    (modelOutput(value) === undefined ? 0 : 1) -
    (/(^|[/_-])(test|score|infer|batch|prep|prepare|monitor|eval|evaluate|hello)/i.test(path) ? 3 : 0)
  );
}

/** Empty for whatever is no text. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

interface Step {
  readonly name: string;
  readonly code: string;
}

function stepsOf({ value }: AzFile): Step[] {
  const code =
    textOf(value['code'] ?? (value['trial'] as Record<string, unknown> | undefined)?.['code']) || '.';
  const jobs = value['jobs'];
  if (typeof jobs !== 'object' || jobs === null) return [{ name: '', code }];
  return Object.entries(jobs as Record<string, Record<string, unknown> | null>).map(([name, step]) => {
    const component = step?.['component'];
    const local = typeof component === 'string' && !/^azureml:/.test(component) ? dirname(component) : '.';
    return { name, code: textOf(step?.['code']) || local };
  });
}

function codeFolder(job: AzFile, code: string): string {
  return normalize(join(dirname(job.path), /^azureml:|:\/\//.test(code) ? '.' : code)).replace(/\/$/, '');
}

async function pickMetric(ranked: readonly string[], ask: Asker): Promise<string> {
  if (ranked.length === 0) {
    return await ask.text({
      question:
        'Which logged metric decides whether a model is better? (empty: none, every finished model passes)',
      usual: none,
    });
  }
  return await ask.choose({
    question: 'Which metric decides whether a model is better?',
    options: [
      ...ranked.map((metric) => ({
        value: metric,
        name: `${metric}${isLoss(metric) ? ' (less is better)' : ''}`,
      })),
      { value: none, name: 'none: every finished model passes' },
    ],
  });
}

/** The only step whose code logs the metric, else the one that somebody says, the last first. */
async function pickStep(
  hints: readonly { readonly name: string; readonly metrics: readonly string[] }[],
  metric: string,
  ask: Asker,
): Promise<string | undefined> {
  if (metric === none) return undefined;
  const logging = hints.filter(({ metrics }) => metrics.includes(metric)).map(({ name }) => name);
  const named = logging.filter((name) => /eval|score|test/i.test(name));
  const [only] = logging.length === 1 ? logging : named;
  if (only !== undefined && (logging.length === 1 || named.length === 1)) return only;
  return await ask.choose({
    question: `Which step of the pipeline logs ${metric}?`,
    options: [...(logging.length === 0 ? hints.map(({ name }) => name) : logging)]
      .reverse()
      .map((name) => ({ value: name, name })),
  });
}

const modelTypes = new Set(['mlflow_model', 'custom_model', 'triton_model']);

function modelOutput(value: Readonly<Record<string, unknown>>): string | undefined {
  const outputs = Object.entries((value['outputs'] ?? {}) as Record<string, { type?: string } | null>);
  const typed = outputs.find(([, output]) => modelTypes.has(output?.type ?? ''))?.[0];
  return typed ?? outputs.find(([name]) => /model/i.test(name) && !/info|eval|metric/i.test(name))?.[0];
}

/** Undefined where the product's own default is right. */
function modelOf({ value }: AzFile, logged: readonly string[]): string | undefined {
  const output = modelOutput(value);
  if (output !== undefined) return `outputs.${output}`;
  return logged.length === 1 && logged[0] !== 'model' ? logged[0] : undefined;
}

/** Overrides of the scripts that run a file, but for what only a run knows. */
export function setOf(survey: Survey, path: string): Record<string, string> {
  const found = survey.commands.filter(({ file }) => file === path).flatMap(({ set }) => Object.entries(set));
  return Object.fromEntries(found.filter(([, value]) => !isOpen(value)));
}
