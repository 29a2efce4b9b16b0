import { appendFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { followLifecycle } from '../../src/cli/progress.js';
import type { LifecycleStatus } from '../../src/workflows/messages.js';
import { answer } from './approve.js';
import { crashWhen, jobRequests } from './crash.js';
import { generate, uploadTable } from '../local/data.js';
import { answerOnGitHub } from '../local/comment.js';
import { secondPerson, seedGitHub } from '../local/github.js';
import type { Machine } from '../local/machine.js';
import { root } from '../local/paths.js';
import { setUp } from '../local/setup.js';
import { type Caller, callerOf, keepCalling, sampleRequest, score } from '../local/traffic.js';
import { type Checkout, push, runAction } from './github.js';
import type { DemoOptions } from './options.js';
import { readReport } from './reports.js';
import * as say from './say.js';

const project = 'diabetes';
const repository = { owner: 'contoso', name: project };
const generatedRows = 5_000;
const callEveryMs = 150;

/** Paces for a laptop: what takes hours in a cloud takes seconds here. */
export const timing = { lookFirstMs: 250, lookLongestMs: 2_000, healthLookMs: 1_000, silenceMs: 20_000 };

export interface Told {
  readonly status: LifecycleStatus;
  readonly workflowId: string;
}

/** What the platform team and the data team do once: resources in Azure, data in Blob. */
export async function prepareGround(machine: Machine, options: DemoOptions): Promise<Checkout> {
  const { addresses, client, folder } = machine;
  const checkout = { repository, dir: join(folder, 'checkout'), changed: ['mlops.yaml'] };
  await cp(join(root, 'examples/diabetes'), checkout.dir, { recursive: true });
  await seedGitHub(addresses, repository);
  const initial = await push(addresses, checkout, 'Begin the diabetes service');

  say.title('Setup: the platform team, once');
  const started = Date.now();
  const result = await setUp(client, project, repository, initial.sha, timing);
  say.line(
    `created ${result.created.length} resources in ${say.seconds(started)}: ${result.created.join(', ')}`,
  );

  const table = options.data ?? join(folder, 'raw.csv');
  if (options.data === undefined) await generate(table, generatedRows, { seed: 1, labels: true });
  await uploadTable(addresses, table);
  say.line(`patients' table in Blob Storage: ${options.data ?? `${generatedRows} generated rows`}`);
  return checkout;
}

/** A data scientist pushes; the Action starts the lifecycle; the terminal follows it. */
export async function pushAndFollow(
  machine: Machine,
  checkout: Checkout,
  message: string,
  options: DemoOptions,
): Promise<Told> {
  const { addresses, client } = machine;
  const pushed = await push(addresses, checkout, message);
  say.title(`git push: “${message}” (${pushed.sha.slice(0, 7)})`);
  const started = Date.now();
  const [workflowId] = await runAction(addresses, pushed, checkout, timing);
  if (workflowId === undefined) throw new Error('the Action started nothing');
  const link = `${addresses.temporalUi}/namespaces/default/workflows/${encodeURIComponent(workflowId)}`;
  say.line(`the GitHub Action started ${workflowId} and ended after ${say.seconds(started)}`);
  say.fact('Temporal UI', link);
  const ask = say.tty && !options.yes;
  const status = await followLifecycle(client, workflowId, {
    out: process.stdout,
    tty: say.tty,
    onApproval: (pending, signal) =>
      answer(client, workflowId, pending, {
        ask,
        link,
        signal,
        comment: async (given, code, reason) => {
          const { repository, dir: workspace } = checkout;
          const question = { repository, workspace, login: secondPerson, answer: given, code, reason };
          say.line(`→ ${secondPerson} comments “${await answerOnGitHub(addresses, question)}” on GitHub`);
        },
      }),
  });
  return { status, workflowId };
}

/** First commit: nothing serves yet, so the first release takes all traffic at once. */
export async function firstRelease(
  machine: Machine,
  checkout: Checkout,
  options: DemoOptions,
): Promise<Caller> {
  await appendFile(join(checkout.dir, 'README.md'), '\nAsk octocat about this model.\n');
  const [{ status }] = await Promise.all([
    pushAndFollow(machine, checkout, 'Train a first classifier', options),
    options.crash ? crashOnce(machine, trainingRuns, 'training') : undefined,
  ]);
  const uri = requireReleased(status);
  if (options.crash) {
    const { jobs, puts } = await jobRequests(machine.addresses.emulator);
    say.line(`⚡ ${jobs} jobs were asked for with ${puts} requests: nothing was submitted twice`);
    if (jobs !== puts) throw new Error(`${puts} requests for ${jobs} jobs: something was submitted twice`);
  }
  return await callerOf(machine.addresses, 'prod', 'diabetes', uri);
}

/** Second commit: the champion serves and users call it while the challenger gets its share step by step. */
export async function canary(
  machine: Machine,
  checkout: Checkout,
  caller: Caller,
  options: DemoOptions,
): Promise<Told> {
  await retune(checkout.dir);
  const body = await sampleRequest(join(checkout.dir, 'azureml/requests.json'));
  const users = keepCalling(caller, body, callEveryMs);
  try {
    const [result] = await Promise.all([
      pushAndFollow(machine, checkout, 'Regularize the boosted trees', options),
      options.crash ? crashOnce(machine, rolloutRuns, 'the rollout') : undefined,
    ]);
    requireReleased(result.status);
    return result;
  } finally {
    const { sent, failed } = await users.stop();
    say.line(`users sent ${sent} requests meanwhile, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  }
}

/** Only the boosted candidate changes: the other one's finished job is reused. */
async function retune(dir: string): Promise<void> {
  const file = join(dir, 'mlops.yaml');
  const text = await readFile(file, 'utf8');
  const changed = text.replace(
    'set: { inputs.kind: boosted }',
    'set: { inputs.kind: boosted, inputs.regularization: 20 }',
  );
  if (changed === text) throw new Error(`${file} has no boosted candidate to retune`);
  await writeFile(file, changed);
}

async function crashOnce(
  machine: Machine,
  when: (status: LifecycleStatus) => boolean,
  what: string,
): Promise<void> {
  const { client } = machine;
  for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = 'lifecycle'` })) {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') continue;
    await crashWhen(machine, workflowId, when, what);
    return;
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  await crashOnce(machine, when, what);
}

function trainingRuns({ phases }: LifecycleStatus): boolean {
  return phases.some(
    ({ phase, state, summary }) => phase === 'train' && state === 'running' && summary.startsWith('training'),
  );
}

function rolloutRuns({ releases }: LifecycleStatus): boolean {
  return Object.values(releases).some(
    ({ endpoint, step, state }) =>
      endpoint === 'diabetes' && state === 'running' && step.startsWith('traffic 10'),
  );
}

function requireReleased(status: LifecycleStatus): string {
  const uri = Object.values(status.releases).find(({ endpoint }) => endpoint === 'diabetes')?.scoringUri;
  if (status.verdict !== 'released' || uri === undefined) {
    throw new Error(`the lifecycle ended as ${status.verdict ?? 'unknown'}: ${status.why}`);
  }
  return uri;
}

/** One request as the web application would send it. */
export async function scoreOnce(caller: Caller, checkout: Checkout): Promise<void> {
  const body = await sampleRequest(join(checkout.dir, 'azureml/requests.json'));
  const answered = await score(caller, body);
  if (answered.status >= 400) throw new Error(`the endpoint answered ${answered.status}: ${answered.body}`);
  say.fact('endpoint', caller.uri);
  say.fact('scored', `${answered.body.trim()} in ${answered.durationMs.toFixed(0)} ms`);
}

/** The evaluation report, as a file to open. */
export async function saveReport(machine: Machine, { status }: Told): Promise<void> {
  if (status.report === undefined) return;
  const folder = join(machine.folder, 'reports');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${status.commit.slice(0, 7)}-evaluation.html`);
  await writeFile(file, await readReport(machine.addresses, 'dev', status.report));
  say.fact('report', file);
}
