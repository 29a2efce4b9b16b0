import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Addresses, clientEnv } from './machine.js';
import { root } from './paths.js';

export const repository = { owner: 'contoso', name: 'diabetes' };
const author = { login: 'octocat', name: 'Mona Lisa', email: 'mona@contoso.example' };

const actionTimeoutMs = 60_000;

export interface Push {
  readonly sha: string;
  readonly before: string;
}

/** People, tokens and the empty repository. */
export async function seedGitHub({ emulator }: Addresses): Promise<void> {
  for (const login of ['octocat', 'grace-hopper'])
    await control(emulator, 'users', { ...author, login, token: `${login}-token` });
  await control(emulator, 'users', { login: 'mlops-worker', token: 'worker-token', type: 'Bot' });
  await control(emulator, 'repos', {
    owner: repository.owner,
    name: repository.name,
    defaultBranch: 'main',
    collaborators: { octocat: 'write', 'grace-hopper': 'maintain', 'mlops-worker': 'write' },
  });
}

/** Commits a folder as the whole tree of `main`. */
export async function push({ emulator }: Addresses, dir: string, message: string): Promise<Push> {
  const { owner, name: repo } = repository;
  return (await control(emulator, 'push', { owner, repo, branch: 'main', dir, author, message })) as Push;
}

async function control(emulator: string, what: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${emulator}/_emulator/github/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the GitHub emulator refused ${what}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/**
 * Runs the Action as a runner would for this push: its own entry point, inputs and context in the environment.
 * @returns ids of the workflows that it started or found
 */
export async function runAction(
  addresses: Addresses,
  pushed: Push,
  workspace: string,
  timing: object,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mlops-action-'));
  const files = {
    event: join(folder, 'event.json'),
    output: join(folder, 'output'),
    summary: join(folder, 'summary.md'),
  };
  await writeFile(files.event, JSON.stringify(eventOf(pushed)));
  await writeFile(files.output, '');
  await writeFile(files.summary, '');
  const env = { ...actionEnv(addresses, pushed, workspace, files), INPUT_TIMING: JSON.stringify(timing) };
  // Not through a shell: it would drop variables with a hyphen in their names, as inputs of Actions have.
  await promisify(execFile)(process.execPath, [join(root, 'action/dist/index.js')], {
    env,
    timeout: actionTimeoutMs,
  }).catch((error: unknown) => {
    const { stdout = '', message = '' } = error as { stdout?: string; message?: string };
    throw new Error(`the Action failed: ${stdout}${message}`);
  });
  return idsOf(await readFile(files.output, 'utf8'));
}

function eventOf({ sha, before }: Push): object {
  const { owner, name } = repository;
  return {
    ref: 'refs/heads/main',
    before,
    after: sha,
    repository: { full_name: `${owner}/${name}`, default_branch: 'main' },
    pusher: { name: author.login },
    commits: [{ id: sha, added: [], removed: [], modified: ['mlops.yaml'] }],
  };
}

function actionEnv(
  addresses: Addresses,
  { sha }: Push,
  workspace: string,
  files: Readonly<Record<'event' | 'output' | 'summary', string>>,
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_EVENT_PATH: files.event,
    GITHUB_OUTPUT: files.output,
    GITHUB_STEP_SUMMARY: files.summary,
    GITHUB_REPOSITORY: `${repository.owner}/${repository.name}`,
    GITHUB_SHA: sha,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_ACTOR: author.login,
    GITHUB_WORKSPACE: workspace,
    GITHUB_API_URL: clientEnv(addresses)['MLOPS_GITHUB_URL'],
    'INPUT_TEMPORAL-ADDRESS': addresses.temporal,
    'INPUT_TEMPORAL-UI': addresses.temporalUi,
    'INPUT_GITHUB-TOKEN': 'octocat-token',
    'INPUT_TASK-QUEUE': 'mlops',
    INPUT_COMMAND: 'auto',
    INPUT_PATH: '.',
    INPUT_CONFIG: 'mlops.yaml',
  };
}

/** GitHub's output file: `name<<DELIMITER`, value, `DELIMITER`. */
function idsOf(output: string): string[] {
  const [, value] = /workflow-ids<<(?:.*)\n(.*)\n/.exec(output) ?? [];
  return value === undefined ? [] : (JSON.parse(value) as string[]);
}
