import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitrate, commitsToCompare, type EndpointQueue, nextRelease } from '../../src/domain/ancestry.js';
import { lifecycleId, releaseId } from '../../src/domain/keys.js';
import type { DeployedRelease, Release } from '../../src/domain/release.js';
import type { SourceRef, Trigger } from '../../src/domain/source.js';

/** Commits `0` to `9` of one branch, each the parent of the next; `x` is on another branch. */
const isAncestor = (older: string, newer: string): boolean | undefined =>
  older === 'x' || newer === 'x' ? undefined : Number(older) < Number(newer);

function release(commit: string, trigger: Trigger = 'push', requestedAt = 0): Release {
  const source: SourceRef = { repository: 'o/release', commit, ref: 'refs/heads/main', path: '.' };
  const id = lifecycleId('release', source, trigger);
  return {
    id: releaseId(id, 'production'),
    lifecycleId: id,
    lifecycleRunId: 'r',
    project: 'release',
    source,
    model: { name: 'm', version: commit, workspace: 'dev' },
    environment: 'production',
    requestedAt,
  };
}

function champion(commit: string): DeployedRelease {
  const made = release(commit);
  return { releaseId: made.id, deployment: 'd', model: made.model, commit, deployedAt: 0, release: made };
}

describe('who goes first', () => {
  test('the first request is granted and goes next', () => {
    const result = arbitrate({ waiting: [] }, release('1'), isAncestor);
    expect(result).toEqual({ kind: 'granted', waiting: [release('1')], superseded: [] });
    expect(nextRelease({ waiting: [release('1')] }, false)).toEqual(release('1'));
    expect(nextRelease({ waiting: [release('1')] }, true)).toBeUndefined();
    expect(nextRelease({ waiting: [release('1')], running: release('0') }, false)).toBeUndefined();
  });

  test('a newer commit takes the place of older ones that wait, not of what runs', () => {
    const queue: EndpointQueue = {
      waiting: [release('1'), release('x'), release('2')],
      running: release('0'),
    };
    expect(arbitrate(queue, release('3'), isAncestor)).toMatchObject({
      kind: 'granted',
      waiting: [release('x'), release('3')],
      superseded: [
        { release: release('1'), by: release('3').lifecycleId, reason: '3 is newer than 1' },
        { release: release('2') },
      ],
    });
  });

  test.each<[string, EndpointQueue, RegExp]>([
    ['serves', { waiting: [], champion: champion('5') }, /^5 serves and is newer than 4$/],
    ['runs', { waiting: [], running: release('5') }, /^5 is being rolled out/],
    ['waits', { waiting: [release('5')] }, /^5 waits/],
  ])('a commit older than what %s is superseded at once', (_, queue, reason) => {
    expect(arbitrate(queue, release('4'), isAncestor)).toMatchObject({
      kind: 'superseded',
      reason: expect.stringMatching(reason) as string,
    });
  });

  test('what a person asked for by name neither falls to newer commits nor takes their place by age', () => {
    const asked = release('2', 'release/1');
    expect(arbitrate({ waiting: [], champion: champion('5') }, asked, isAncestor).kind).toBe('granted');
    expect(arbitrate({ waiting: [asked] }, release('3'), isAncestor)).toMatchObject({ superseded: [] });
  });

  test('retraining the champion’s own commit is no step back', () => {
    expect(
      arbitrate({ waiting: [], champion: champion('5') }, release('5', 'retrain/2026-01-01'), isAncestor)
        .kind,
    ).toBe('granted');
  });

  test('asking twice changes nothing', () => {
    const queue = { waiting: [release('1'), release('x')] };
    expect(arbitrate(queue, release('1'), isAncestor)).toEqual({
      kind: 'granted',
      waiting: queue.waiting,
      superseded: [],
    });
  });

  test('what must be known beforehand', () => {
    const queue = { waiting: [release('1'), release('2')], running: release('2'), champion: champion('3') };
    expect(commitsToCompare(queue, release('1'))).toEqual(['3', '2']);
  });
});

test('over any sequence of requests nothing is lost, and no pushed commit waits beside a newer one', () => {
  const request = fc.record({
    commit: fc.constantFrom('1', '2', '3', '4', 'x'),
    trigger: fc.constantFrom<Trigger>('push', 'retry/1', 'release/1'),
  });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 15 }), (requests) => {
      let waiting: readonly Release[] = [];
      const answered = new Set<string>();
      const asked = requests.map(({ commit, trigger }, index) => release(commit, trigger, index));
      for (const one of asked) {
        const result = arbitrate({ waiting }, one, isAncestor);
        if (result.kind === 'superseded') answered.add(one.id);
        else {
          waiting = result.waiting;
          for (const { release: old } of result.superseded) answered.add(old.id);
        }
      }
      for (const { id } of asked) expect(answered.has(id) || waiting.some((one) => one.id === id)).toBe(true);
      const pushed = waiting
        .filter((one) => !one.lifecycleId.endsWith('/release/1'))
        .map(({ source }) => source.commit);
      for (const a of pushed) for (const b of pushed) expect(isAncestor(a, b)).not.toBe(true);
    }),
  );
});
