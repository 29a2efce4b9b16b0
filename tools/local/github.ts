import type { Addresses } from './machine.js';

/** A repository of the local GitHub. */
export interface Repository {
  readonly owner: string;
  readonly name: string;
}

export interface Push {
  readonly sha: string;
  /** What the branch was at; zeros for a new one. */
  readonly before: string;
}

export interface Commit {
  readonly repository: Repository;
  /** Folder that becomes the whole tree. */
  readonly dir: string;
  readonly message: string;
  /** Default `main`. */
  readonly branch?: string;
}

/** Who writes code here, and who is another person. */
export const author = { login: 'octocat', name: 'Mona Lisa', email: 'mona@contoso.example' };
export const secondPerson = 'grace-hopper';
const bot = 'mlops-worker';

export const tokenOf = (login: string): string => `${login}-token`;

/** People, tokens and empty repositories. */
export async function seedGitHub(
  addresses: Addresses,
  ...repositories: readonly Repository[]
): Promise<void> {
  await control(addresses, 'users', { ...author, token: tokenOf(author.login) });
  await control(addresses, 'users', { login: secondPerson, token: tokenOf(secondPerson) });
  await control(addresses, 'users', { login: bot, token: 'worker-token', type: 'Bot' });
  for (const { owner, name } of repositories) {
    await control(addresses, 'repos', {
      owner,
      name,
      defaultBranch: 'main',
      collaborators: { [author.login]: 'write', [secondPerson]: 'maintain', [bot]: 'write' },
    });
  }
}

/** What `git push` of one commit would do. */
export async function push(addresses: Addresses, commit: Commit): Promise<Push> {
  const { repository, dir, message, branch = 'main' } = commit;
  const { owner, name: repo } = repository;
  return (await control(addresses, 'push', { owner, repo, branch, dir, author, message })) as Push;
}

async function control({ emulator }: Addresses, what: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${emulator}/_emulator/github/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the GitHub emulator refused ${what}: ${response.status} ${text}`);
  return JSON.parse(text);
}
