import { condition } from '@temporalio/workflow';
import { arbitrate, commitsToCompare, type EndpointQueue, type IsAncestor } from '../../domain/ancestry.js';
import type { Release } from '../../domain/release.js';
import type { Owner } from './context.js';
import { goes } from './retirement.js';
import { finish, tell } from './talk.js';

/** What waits crosses every continue-as-new, so it stays bounded. */
const mostWaiting = 50;

/** Answers requests as they come, also while a release runs: newer commits take the place of waiting older ones. */
export async function arbiter(owner: Owner): Promise<never> {
  for (;;) {
    await condition(() => owner.inbox.length > 0);
    const request = owner.inbox[0];
    if (request !== undefined) await answer(owner, request);
    owner.inbox = owner.inbox.filter((other) => other !== request);
  }
}

async function answer(owner: Owner, request: Release): Promise<void> {
  const earlier = owner.lastResults.findLast(({ releaseId }) => releaseId === request.id);
  if (earlier !== undefined) {
    await tell(request, { releaseId: request.id, kind: 'finished', result: earlier.result });
    return;
  }
  if (owner.retirement !== undefined) {
    await finish(owner, request, goes(owner, owner.retirement));
    return;
  }
  const isAncestor = await ancestry(owner, request);
  if (!owner.inbox.includes(request)) return; // withdrawn while GitHub was asked
  const ruling = arbitrate(queueOf(owner), request, isAncestor);
  if (ruling.kind === 'superseded') {
    await finish(owner, request, { kind: 'superseded', by: `${ruling.by} (${ruling.reason})` });
    return;
  }
  if (ruling.waiting.length > mostWaiting) {
    await finish(owner, request, { kind: 'failed', reason: `${mostWaiting} releases wait already` });
    return;
  }
  owner.waiting = [...ruling.waiting];
  for (const { release, by, reason } of ruling.superseded) {
    owner.proceeding.delete(release.id);
    await finish(owner, release, { kind: 'superseded', by: `${by} (${reason})` });
  }
  await tell(request, { releaseId: request.id, kind: 'granted' });
}

function queueOf({ waiting, running, champion }: Owner): EndpointQueue {
  return {
    waiting,
    ...(running !== undefined && { running: running.release }),
    ...(champion !== undefined && { champion }),
  };
}

/** Asks GitHub once for every pair that the ruling may need. Without an answer nobody is superseded: the approval still stands between a model and its traffic. */
async function ancestry(owner: Owner, request: Release): Promise<IsAncestor> {
  const { repository, commit } = request.source;
  const known = await Promise.all(
    commitsToCompare(queueOf(owner), request).map(async (other): Promise<[string, -1 | 0 | 1]> => {
      const relation = owner.core.compareCommits({ repository, a: other, b: commit });
      return [other, await relation.catch(() => 0 as const)];
    }),
  );
  const relations = new Map(known);
  return (older, newer) => {
    if (older === newer) return undefined;
    return newer === commit ? relations.get(older) === -1 : relations.get(newer) === 1;
  };
}
