import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

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
  readonly sha?: string;
  readonly ref?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export const repository = 'acme/models';
const bundle = join(import.meta.dirname, '../../action/dist/index.js');

/** Runs the committed bundle as a runner does: a process of its own, inputs and event by variables and files. */
export async function runAction(step: ActionStep): Promise<ActionRun> {
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
      GITHUB_REPOSITORY: repository,
      GITHUB_SHA: step.sha ?? 'a'.repeat(40),
      GITHUB_REF: step.ref ?? 'refs/heads/main',
      GITHUB_ACTOR: 'ann',
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

function runNode(env: NodeJS.ProcessEnv): Promise<{ code: number; log: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bundle], { env, timeout: 60_000 }, (error, stdout, stderr) => {
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

/** Writes files below a new temporary folder: path → contents. */
export async function checkout(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mlops-checkout-'));
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), contents);
  }
  return folder;
}
