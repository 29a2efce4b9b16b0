import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../../emulator/src/index.js';
import { createGitHub, type GitHub } from '../../src/github/index.js';
import { checkout } from './action.js';

export const repository = 'acme/models';

/** A GitHub of its own for one test file, with what people would do on its pages. */
export interface TestGitHub {
  /** Base of the REST API. */
  readonly apiUrl: string;
  /** GitHub as the worker's App. */
  readonly app: GitHub;
  /** GitHub as one of `people`, by a plain token. */
  as(login: string): GitHub;
  /** Commits the files as the branch's new contents; its SHA. */
  push(files: Readonly<Record<string, string>>, options?: PushOptions): Promise<string>;
  /** Calls the API as one of `people`. */
  post(login: string, path: string, body: object): Promise<{ id: number; number: number }>;
  patch(login: string, path: string, body: object): Promise<void>;
  put(login: string, path: string, body: object): Promise<void>;
  stop(): Promise<void>;
}

export interface PushOptions {
  readonly branch?: string;
  readonly message?: string;
  readonly author?: string;
  readonly email?: string;
  readonly parent?: string;
}

/** The repository's people and their roles. */
export const people = { ann: 'admin', max: 'maintain', will: 'write', rita: 'read' } as const;

const tokenOf = (login: string): string => `token-of-${login}`;

export async function startGitHub(): Promise<TestGitHub> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mlops-github-'));
  const emulator = await startEmulator({ dataDir, quiet: true });
  const apiUrl = `${emulator.url}/github`;
  const send = async (url: string, body: object, login?: string, method = 'POST'): Promise<unknown> => {
    const authorization = login === undefined ? {} : { authorization: `Bearer ${tokenOf(login)}` };
    const answer = await fetch(url, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...authorization },
    });
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const control = (path: string, body: object, method?: string) =>
    send(`${emulator.url}/_emulator/github/${path}`, body, undefined, method);
  for (const login of Object.keys(people))
    await control('users', { login, token: tokenOf(login), emails: [`${login}@acme.example`] });
  await control('repos', { owner: 'acme', name: 'models', collaborators: people });
  await control('teams', { org: 'acme', team: 'ml-leads', members: ['rita'] }, 'PUT');
  const { pem, installation_id: installationId } = (await control('apps', { id: 7, slug: 'mlops' })) as {
    pem: string;
    installation_id: number;
  };
  return {
    apiUrl,
    app: createGitHub({ apiUrl, app: { appId: 7, privateKey: pem, installationId } }),
    as: (login) => createGitHub({ apiUrl, token: tokenOf(login) }),
    async push(files, { branch, message = 'Change', author = 'will', email, parent } = {}) {
      const dir = await checkout(files);
      try {
        const person = { login: author, email: email ?? `${author}@acme.example` };
        const pushed = await control('push', {
          owner: 'acme',
          repo: 'models',
          dir,
          message,
          author: person,
          ...(branch && { branch }),
          ...(parent && { parent }),
        });
        return (pushed as { sha: string }).sha;
      } finally {
        await rm(dir, { recursive: true });
      }
    },
    post: (login, path, body) =>
      send(`${apiUrl}/${path}`, body, login) as Promise<{ id: number; number: number }>,
    async patch(login, path, body) {
      await send(`${apiUrl}/${path}`, body, login, 'PATCH');
    },
    async put(login, path, body) {
      await send(`${apiUrl}/${path}`, body, login, 'PUT');
    },
    async stop() {
      await emulator.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}
