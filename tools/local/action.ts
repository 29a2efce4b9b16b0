import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { author, type Push, type Repository, tokenOf } from './github.js';
import { type Addresses, clientEnv } from './machine.js';
import { root } from './paths.js';

export interface ActionRun {
  readonly code: number;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** Markdown that GitHub shows on the run's page. */
  readonly summary: string;
}

export interface ActionStep {
  readonly event: string;
  readonly payload: object;
  readonly workspace: string;
  /** `owner/name` */
  readonly repository: string;
  readonly sha: string;
  readonly ref?: string;
  readonly actor?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
}

const bundle = join(root, 'action/dist/index.js');
const timeoutMs = 60_000;

/** Runs the committed bundle as a runner does: a process of its own, inputs and event by variables and files. */
export async function runActionStep(step: ActionStep): Promise<ActionRun> {
  const folder = await mkdtemp(join(tmpdir(), 'mlops-action-'));
  const file = (name: string): string => join(folder, name);
  try {
    await writeFile(file('event.json'), JSON.stringify(step.payload));
    await Promise.all(['output', 'summary'].map((name) => writeFile(file(name), '')));
    const inputs = Object.entries(step.inputs ?? {}).map(([name, value]) => [
      `INPUT_${name.toUpperCase()}`,
      value,
    ]);
    const { code, log } = await runNode({
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: step.event,
      GITHUB_EVENT_PATH: file('event.json'),
      GITHUB_OUTPUT: file('output'),
      GITHUB_STEP_SUMMARY: file('summary'),
      GITHUB_REPOSITORY: step.repository,
      GITHUB_SHA: step.sha,
      GITHUB_REF: step.ref ?? 'refs/heads/main',
      GITHUB_ACTOR: step.actor ?? author.login,
      GITHUB_RUN_ID: '42',
      GITHUB_WORKSPACE: step.workspace,
      ...(Object.fromEntries(inputs) as Record<string, string>),
      ...step.env,
    });
    const [output, summary] = await Promise.all(
      ['output', 'summary'].map((name) => readFile(file(name), 'utf8')),
    );
    return { code, log, outputs: parseOutputs(output ?? ''), summary: summary ?? '' };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Not through a shell: it would drop variables with a hyphen in their names, as inputs of Actions have. */
function runNode(env: NodeJS.ProcessEnv): Promise<{ code: number; log: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bundle], { env, timeout: timeoutMs }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, log: stdout + stderr });
    });
  });
}

/** `name<<delimiter`, the value's lines, `delimiter`. */
function parseOutputs(text: string): Record<string, string> {
  const matches = text.matchAll(/^(.+?)<<(.+)\n([\s\S]*?)\n\2$/gm);
  return Object.fromEntries([...matches].map(([, name = '', , value = '']) => [name, value]));
}

export interface PushedStep {
  readonly repository: Repository;
  readonly pushed: Push;
  /** Checked-out tree. */
  readonly workspace: string;
  /** Paths that the pushed commit changed. */
  readonly changed: readonly string[];
  readonly timing: object;
  readonly ref?: string;
}

/** Runs the Action for a push to this machine's GitHub, towards this machine's Temporal server. */
export async function runPushAction(addresses: Addresses, step: PushedStep): Promise<ActionRun> {
  const { repository, pushed, workspace, changed, timing, ref = 'refs/heads/main' } = step;
  const fullName = `${repository.owner}/${repository.name}`;
  return await runActionStep({
    event: 'push',
    payload: {
      ref,
      before: pushed.before,
      after: pushed.sha,
      repository: { full_name: fullName, default_branch: 'main' },
      pusher: { name: author.login },
      commits: [{ id: pushed.sha, added: [], removed: [], modified: changed }],
    },
    workspace,
    repository: fullName,
    sha: pushed.sha,
    ref,
    inputs: {
      'temporal-address': addresses.temporal,
      'temporal-ui': addresses.temporalUi,
      'github-token': tokenOf(author.login),
      timing: JSON.stringify(timing),
    },
    env: { GITHUB_API_URL: clientEnv(addresses)['MLOPS_GITHUB_URL'] },
  });
}

/** Ids of the workflows that a run started or found. */
export function workflowIds({ outputs }: ActionRun): string[] {
  return JSON.parse(outputs['workflow-ids'] ?? '[]') as string[];
}
