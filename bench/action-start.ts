import { mkdtemp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { lifecycleId } from '../src/domain/keys.js';
import { compare } from './measure.js';
import { startNode } from './processes.js';
import { startServer } from './server.js';

const action = fileURLToPath(new URL('../../action/dist/index.js', import.meta.url));
const bare = fileURLToPath(new URL('bare-start.js', import.meta.url));

/** Milliseconds from the start of a process to the start of the workflow, as the server on this machine noted it. */
async function untilStarted(
  env: TestWorkflowEnvironment,
  workflowId: string,
  script: string,
  variables: Record<string, string>,
  { args = [], node = process.execPath }: { readonly args?: string[]; readonly node?: string } = {},
): Promise<number> {
  const began = Date.now();
  await startNode(script, { ...variables, PATH: process.env['PATH'] }, args, node).succeeded;
  const { startTime } = await env.client.workflow.getHandle(workflowId).describe();
  return startTime.getTime() - began;
}

/** Writes what a runner gives to an Action: a checkout with one project, an event, files for outputs. */
async function runnerFiles(folder: string, commit: string, address: string): Promise<Record<string, string>> {
  const files = { 'event.json': JSON.stringify(pushEvent(commit)), output: '', summary: '' };
  await mkdir(join(folder, 'checkout'), { recursive: true });
  await writeFile(join(folder, 'checkout', 'mlops.yaml'), 'name: bench\ntrain: train.yml\n');
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  return {
    HOME: folder,
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_EVENT_PATH: join(folder, 'event.json'),
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    GITHUB_REPOSITORY: 'acme/bench',
    GITHUB_SHA: commit,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_ACTOR: 'ann',
    GITHUB_RUN_ID: '1',
    GITHUB_WORKSPACE: join(folder, 'checkout'),
    'INPUT_TEMPORAL-ADDRESS': address,
    'INPUT_TASK-QUEUE': 'bench',
  };
}

const pushEvent = (commit: string): object => ({
  before: 'b'.repeat(40),
  after: commit,
  repository: { default_branch: 'main' },
  commits: [{ added: ['train.yml'], modified: [], removed: [] }],
});

const lifecycleOf = (commit: string): string =>
  lifecycleId('bench', { repository: 'acme/bench', commit, ref: 'refs/heads/main', path: '.' }, 'push');

/** Runtime → interpreter, from tools/bench.mjs; by hand this process's own. */
const nodes = JSON.parse(
  process.env['MLOPS_BENCH_NODES'] ?? JSON.stringify({ [`node ${process.versions.node}`]: process.execPath }),
) as Record<string, string>;

const { size } = await stat(action);
console.log(`The Action's bundle has ${(size / 1e6).toFixed(2)} MB; wanted: at most 1.5 MB`);
console.log('From a cold process to the start of the workflow, wanted: less than 500 ms on an idle machine');
const env = await startServer();
const folder = await mkdtemp(join(tmpdir(), 'mlops-bench-'));
try {
  for (const [runtime, node] of Object.entries(nodes)) {
    await compare(
      `From the start of the process to the start of the workflow, ${runtime}`,
      {
        name: 'Action',
        run: async (round) => {
          const commit = `${runtime.replace(/\D/g, '')}${round}`.padEnd(40, 'f');
          const variables = await runnerFiles(folder, commit, env.address);
          return untilStarted(env, lifecycleOf(commit), action, variables, { node });
        },
      },
      {
        name: 'bare client',
        run: (round) => {
          const id = `bare-${runtime}-${round}`;
          return untilStarted(env, id, bare, { TEMPORAL_ADDRESS: env.address }, { args: [id], node });
        },
      },
    );
  }
} finally {
  await env.teardown();
  await rm(folder, { recursive: true });
}
