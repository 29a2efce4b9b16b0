import { readFile } from 'node:fs/promises';

/** The parts of webhook payloads that the Action reads; GitHub documents all of them as optional on some event. */
export interface Payload {
  readonly action?: string;
  readonly before?: string;
  readonly after?: string;
  readonly forced?: boolean;
  readonly deleted?: boolean;
  readonly created?: boolean;
  readonly commits?: readonly PushedCommit[];
  readonly repository?: { readonly default_branch?: string; readonly full_name?: string };
  readonly pull_request?: {
    readonly number: number;
    readonly head: { readonly sha: string; readonly repo: { readonly full_name: string } | null };
    readonly base: { readonly sha: string };
  };
  readonly issue?: {
    readonly number: number;
    /** On pull requests. */
    readonly pull_request?: object;
    readonly body?: string | null;
    readonly user?: Author | null;
    readonly author_association?: string;
  };
  readonly comment?: { readonly id: number; readonly body?: string; readonly user?: Author | null };
  readonly review?: {
    readonly id: number;
    readonly body?: string | null;
    readonly user?: Author | null;
    /** `approved`, `changes_requested`, `commented` or `dismissed`. */
    readonly state: string;
    readonly commit_id: string | null;
  };
}

export interface PushedCommit {
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
  readonly modified?: readonly string[];
}

export interface Author {
  readonly login: string;
  readonly type?: string;
}

/** What GitHub tells an Action about the run it is part of. */
export interface RunContext {
  readonly event: string;
  readonly payload: Payload;
  /** `owner/name` */
  readonly repository: string;
  readonly sha: string;
  readonly ref: string;
  readonly workspace: string;
  readonly actor?: string;
  readonly apiUrl: string;
  /** Address of this run in GitHub's web pages. */
  readonly runUrl?: string;
}

/** Reads the run's context from the variables that GitHub documents for every step. */
export async function readContext(env: NodeJS.ProcessEnv): Promise<RunContext> {
  const missing = [
    'GITHUB_EVENT_NAME',
    'GITHUB_EVENT_PATH',
    'GITHUB_REPOSITORY',
    'GITHUB_SHA',
    'GITHUB_REF',
    'GITHUB_WORKSPACE',
  ].filter((name) => env[name] === undefined || env[name] === '');
  if (missing.length > 0) {
    throw new Error(
      `${missing.join(', ')} not set: this program runs as a step of a GitHub Actions workflow.`,
    );
  }
  const variable = (name: string): string => env[name] ?? '';
  const runUrl =
    env['GITHUB_RUN_ID'] &&
    `${env['GITHUB_SERVER_URL'] ?? 'https://github.com'}/${variable('GITHUB_REPOSITORY')}/actions/runs/${env['GITHUB_RUN_ID']}`;
  return {
    event: variable('GITHUB_EVENT_NAME'),
    payload: await readPayload(variable('GITHUB_EVENT_PATH')),
    repository: variable('GITHUB_REPOSITORY'),
    sha: variable('GITHUB_SHA'),
    ref: variable('GITHUB_REF'),
    workspace: variable('GITHUB_WORKSPACE'),
    apiUrl: env['GITHUB_API_URL'] ?? 'https://api.github.com',
    ...(env['GITHUB_ACTOR'] !== undefined && { actor: env['GITHUB_ACTOR'] }),
    ...(runUrl && { runUrl }),
  };
}

async function readPayload(path: string): Promise<Payload> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Payload;
  } catch (error) {
    throw new Error(`GITHUB_EVENT_PATH (${path}) holds no readable JSON: ${String(error)}`, { cause: error });
  }
}
