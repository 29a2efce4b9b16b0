import { setTimeout as pause } from 'node:timers/promises';
import { runActionStep } from './action.js';
import { type Repository, tokenOf } from './github.js';
import { type Addresses, clientEnv } from './machine.js';

export interface CommentedAnswer {
  readonly repository: Repository;
  /** Who writes the comment. */
  readonly login: string;
  /** Digits of the question. */
  readonly code: string;
  readonly answer: 'approve' | 'reject';
  readonly reason: string;
  /** Checked-out tree that the Action runs in. */
  readonly workspace: string;
}

interface Issue {
  readonly number: number;
  readonly body: string | null;
  readonly user: { readonly login: string; readonly type: string };
}

const looks = 40;
const lookMs = 500;

/**
 * Answers a request where the worker asks for it on GitHub: writes the comment, and runs the Action for it as GitHub
 * would. Resolves with the text of the comment.
 */
export async function answerOnGitHub(addresses: Addresses, given: CommentedAnswer): Promise<string> {
  const { repository, login, code, answer, reason, workspace } = given;
  const { owner, name } = repository;
  const api = clientEnv(addresses)['MLOPS_GITHUB_URL'] ?? '';
  const call = async (path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${api}/repos/${owner}/${name}/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${tokenOf(login)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`GitHub refused ${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  };
  const issue = await found(async () => {
    const open = (await call('issues?state=open&per_page=100')) as Issue[];
    return open.find(({ body }) => body?.includes(code) === true);
  });
  const text = `/${answer} ${code} ${reason}`;
  const comment = (await call(`issues/${issue.number}/comments`, { body: text })) as { id: number };
  const run = await runActionStep({
    event: 'issue_comment',
    payload: { action: 'created', issue, comment: { id: comment.id, body: text, user: { login } } },
    workspace,
    repository: `${owner}/${name}`,
    sha: '0'.repeat(40),
    actor: login,
    inputs: { 'temporal-address': addresses.temporal, 'github-token': tokenOf(login) },
    env: { GITHUB_API_URL: api },
  });
  if (run.code !== 0) throw new Error(`the Action did not take the comment:\n${run.log}`);
  return text;
}

async function found<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let left = looks; left > 0; left -= 1) {
    const result = await look();
    if (result !== undefined) return result;
    await pause(lookMs);
  }
  throw new Error('the worker has written no request on GitHub');
}
