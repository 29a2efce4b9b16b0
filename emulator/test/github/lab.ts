import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerGitHub } from '../../src/github/index.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

export const REPO = { owner: 'acme', repo: 'models' };

/** A GitHub with the repository `acme/models`, the people dana (write), lee (maintain) and eve (read), a team and an app. */
export interface GitHubLab {
  readonly services: Services;
  /** What `push` commits. */
  readonly dir: string;
  /** Private key of the app 7. */
  readonly pem: string;
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

  async function control<T>(method: string, path: string, body: unknown): Promise<T> {
    const answer = await fetch(`${services.url}/_emulator/github/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  for (const login of ['dana', 'lee', 'eve'])
    await control('POST', 'users', { login, token: `${login}-token` });
  const collaborators = { dana: 'write', lee: 'maintain' };
  await control('POST', 'repos', { owner: 'acme', name: 'models', collaborators });
  await control('PUT', 'teams', { org: 'acme', team: 'ml-leads', members: ['lee'] });
  const { pem } = await control<{ pem: string }>('POST', 'apps', { id: 7, slug: 'mlops' });
  return {
    services,
    dir,
    pem,
    octokit: (token) =>
      new Octokit({ baseUrl: baseUrl(), log: quiet, ...(token === undefined ? {} : { auth: token }) }),
    app: () =>
      new Octokit({
        baseUrl: baseUrl(),
        log: quiet,
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

/** Makes the branch `main` with one commit. */
export async function commitOnce(lab: GitHubLab): Promise<void> {
  await writeFile(join(lab.dir, 'mlops.yaml'), 'train: train.yml\n');
  await lab.push('main', 'First');
}
