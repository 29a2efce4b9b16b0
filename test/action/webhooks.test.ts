import { rm } from 'node:fs/promises';
import webhooks from '@octokit/webhooks-examples' with { type: 'json' };
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Payload, RunContext } from '../../action/src/context.js';
import { readInputs } from '../../action/src/inputs.js';
import { run } from '../../action/src/run.js';
import { checkout } from '../support/action.js';

// The payloads that GitHub really sends, as its own examples give them.

const definitions = webhooks as unknown as readonly { name: string; examples: Payload[] }[];
const events = ['push', 'pull_request', 'issue_comment', 'pull_request_review', 'workflow_dispatch'] as const;
const examples = events.flatMap((event) => {
  const { examples: payloads } = definitions.find(({ name }) => name === event) ?? { examples: [] };
  return payloads.map((payload, index) => [event, index, payload] as const);
});

let workspace: string;
beforeAll(async () => {
  workspace = await checkout({ 'mlops.yaml': 'train: t.yml\n' });
});
afterAll(() => rm(workspace, { recursive: true }));

const contextOf = (event: string, payload: Payload): RunContext => ({
  event,
  payload,
  repository: payload.repository?.full_name ?? 'acme/models',
  sha: payload.after ?? 'a'.repeat(40),
  ref: (payload as { ref?: string }).ref ?? 'refs/heads/main',
  workspace,
  apiUrl: 'http://127.0.0.1:9',
});

/** What an event led to: nothing, a connection (something would have been started or sent), or an error's words. */
async function outcomeOf(event: string, payload: Payload): Promise<string> {
  const connect = (): Promise<never> => Promise.reject(new Error('connected'));
  try {
    const { outcomes } = await run(readInputs({}), contextOf(event, payload), { connect });
    return outcomes.map(({ result }) => result).join('; ');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('there are examples of every event that the Action takes', () => {
  for (const event of events)
    expect(
      examples.some(([name]) => name === event),
      event,
    ).toBe(true);
  expect(examples.length).toBeGreaterThan(30);
});

test.each(examples)('%s %i is understood', async (event, _index, payload) => {
  const outcome = await outcomeOf(event, payload);
  expect(outcome).not.toMatch(/undefined|not a function|Cannot read/);
  if (event === 'push' && payload.deleted === true) expect(outcome).toContain('the branch was deleted');
  if (event === 'push' && payload.created === true && payload.deleted !== true && payload.after !== undefined)
    expect(outcome).toMatch(/connected|`on:` names nothing/);
  if (event === 'pull_request') {
    const same = payload.pull_request?.head.repo?.full_name === payload.repository?.full_name;
    expect(outcome).toMatch(same ? /connected/ : /the pull request comes from .*\/train [0-9a-f]{40}/);
  }
  // None of the examples' comments is a command.
  if (event === 'issue_comment') expect(outcome).toBe('');
});
