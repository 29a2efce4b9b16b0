import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Dependencies } from '../../src/activities/dependencies.js';
import type { RunHistory, SentSignal } from '../../src/activities/histories.js';
import { judgeTogether, mostComments } from '../../src/activities/steering.js';
import { repository, startGitHub, type TestGitHub } from '../support/github.js';

let github: TestGitHub;
let issue: number;
let commit: string;
beforeAll(async () => {
  github = await startGitHub();
  commit = await github.push({ a: '1' });
  ({ number: issue } = await github.post('ann', `repos/${repository}/issues`, { title: 'Steer' }));
});
afterAll(() => github.stop());

async function comment(login: string, body: string): Promise<number> {
  return (await github.post(login, `repos/${repository}/issues/${issue}/comments`, { body })).id;
}

function signal(name: string, payload: unknown, eventId: number): SentSignal {
  const attested = { completedBy: [], reapplied: false, byWorkflow: false };
  return { eventId, name, at: Date.now(), payload, attested };
}

async function judged(signals: readonly SentSignal[]) {
  const deps = { github: github.app, workers: [], loopback: false } as unknown as Dependencies;
  const at = {
    source: { repository, commit, ref: 'refs/heads/main', path: '.' },
    project: 'diabetes',
  };
  const run: RunHistory = { workflowType: 'endpoint', signals, scheduledAt: () => [] };
  const heard = new Map<string, number>();
  const messages = signals.map(({ name }) => {
    const nth = heard.get(name) ?? 0;
    heard.set(name, nth + 1);
    return { action: name as 'pause', nth };
  });
  return await judgeTogether(deps, at, ['max'], messages, run);
}

test('signals that came together are judged one by one, in their order', async () => {
  const [back, stranger] = [await comment('max', '/rollback'), await comment('rita', '/rollback')];
  const verdicts = await judged([
    signal('rollback', { by: 'max' }, 1),
    signal('pause', { comment_id: back }, 2),
    signal('rollback', { comment_id: back }, 3),
    signal('rollback', { comment_id: stranger }, 4),
    signal('rollback', { comment_id: back }, 5),
    signal('pause', 'yes', 6),
  ]);
  expect(verdicts.map(({ allowed }) => allowed)).toEqual([false, false, true, false, false, false]);
  expect(verdicts[2]?.by).toBe('max');
  expect(verdicts[4]?.problem).toBe('the same comment again');
});

test('a flood asks GitHub about few comments, and what is left out says so', async () => {
  const made = await comment('max', '/rollback');
  const verdicts = await judged(
    Array.from({ length: 1_000 }, (_, nth) => signal('rollback', { comment_id: made + nth }, nth)),
  );
  const leftOut = verdicts.filter(({ problem }) => problem?.includes('write it again') === true);
  expect(leftOut).toHaveLength(1_000 - mostComments);
  expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(1);
});
