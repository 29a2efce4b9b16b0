import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { registerGitHub } from '../../src/github/index.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';
import { judgeAnswer } from './contract.js';

export const REPO = { owner: 'acme', repo: 'models' };

/** A GitHub with the repository `acme/models`, the people ada (admin), dana (write), lee (maintain) and eve (read), a team and an app. */
export interface GitHubLab {
  readonly services: Services;
  /** What `push` commits. */
  readonly dir: string;
  /** Private key of the app 7. */
  readonly pem: string;
  /** Where answers to the lab's clients differ from GitHub's description of them. */
  readonly problems: string[];
  octokit(token?: string): Octokit;
  /** The app's own client. */
  app(): Octokit;
  control<T>(method: string, path: string, body: unknown): Promise<T>;
  push(branch: string, message: string, login?: string): Promise<{ sha: string; before: string }>;
  stop(): Promise<void>;
}

/** No lines about requests that tests want refused. */
export const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export async function startGitHubLab(): Promise<GitHubLab> {
  const services = await startServices([registerGitHub]);
  const dir = await mkdtemp(join(tmpdir(), 'push-'));
  const baseUrl = () => `${services.url}/github`;
  const problems: string[] = [];

  /** Judges each answer before the client reads it. */
  async function judgedFetch(input: string | URL, init?: RequestInit): Promise<Response> {
    const answer = await fetch(input, init);
    const text = await answer.clone().text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    const body: unknown = isJson && text !== '' ? JSON.parse(text) : text;
    const path = decodeURIComponent(new URL(input).pathname.replace(/^\/github/, ''));
    if (isJson || text === '')
      problems.push(...judgeAnswer(init?.method ?? 'GET', path, answer.status, body));
    return answer;
  }

  async function control<T>(method: string, path: string, body: unknown): Promise<T> {
    const answer = await fetch(`${services.url}/_emulator/github/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  for (const login of ['ada', 'dana', 'lee', 'eve'])
    await control('POST', 'users', { login, token: `${login}-token` });
  const collaborators = { ada: 'admin', dana: 'write', lee: 'maintain' };
  await control('POST', 'repos', { owner: 'acme', name: 'models', collaborators });
  await control('PUT', 'teams', { org: 'acme', team: 'ml-leads', members: ['lee'] });
  const { pem } = await control<{ pem: string }>('POST', 'apps', { id: 7, slug: 'mlops' });
  return {
    services,
    dir,
    pem,
    problems,
    octokit: (token) =>
      new Octokit({
        baseUrl: baseUrl(),
        log: quiet,
        request: { fetch: judgedFetch },
        ...(token === undefined ? {} : { auth: token }),
      }),
    app: () =>
      new Octokit({
        baseUrl: baseUrl(),
        log: quiet,
        request: { fetch: judgedFetch },
        authStrategy: createAppAuth,
        auth: { appId: 7, privateKey: pem, installationId: 1_000_007 },
      }),
    control,
    push: (branch, message, login = 'dana') => {
      const author = { login, name: 'Dana', email: `${login}@example.com` };
      return control('POST', 'push', { owner: 'acme', repo: 'models', branch, dir, message, author });
    },
    async stop() {
      await services.stop();
      await rm(dir, { recursive: true });
    },
  };
}

/** Fails a test whose answers differ from GitHub's description. */
export function expectNoProblems(lab: GitHubLab): void {
  expect([...new Set(lab.problems.splice(0))]).toEqual([]);
}

/** Makes the branch `main` with one commit. */
export async function commitOnce(lab: GitHubLab): Promise<void> {
  await writeFile(join(lab.dir, 'mlops.yaml'), 'train: train.yml\n');
  await lab.push('main', 'First');
}
