import type { DeployedRelease, Release } from './release.js';

/**
 * Whether `older` is a true ancestor of `newer`; `undefined` where nobody knows (different branches, rewritten
 * history, GitHub not asked yet). Only a certain yes takes something from anybody.
 */
export type IsAncestor = (older: string, newer: string) => boolean | undefined;

export interface EndpointQueue {
  readonly waiting: readonly Release[];
  readonly running?: Release;
  readonly champion?: DeployedRelease;
}

export type Arbitration =
  | {
      readonly kind: 'granted';
      /** The queue with the request in it, first comes first. */
      readonly waiting: readonly Release[];
      /** Waiting releases whose place a newer commit has taken. */
      readonly superseded: readonly {
        readonly release: Release;
        readonly by: string;
        readonly reason: string;
      }[];
    }
  | { readonly kind: 'superseded'; readonly by: string; readonly reason: string };

/**
 * Settles a request for an endpoint. A newer commit takes the place of older ones that still wait; a request that is
 * older than what runs, waits or serves is superseded at once. What a person asked for by name (`release/…`)
 * stands outside both rules. Asking again with the same release id changes nothing.
 */
export function arbitrate(queue: EndpointQueue, request: Release, isAncestor: IsAncestor): Arbitration {
  const known = [queue.running, ...queue.waiting].some((release) => release?.id === request.id);
  if (known) return { kind: 'granted', waiting: queue.waiting, superseded: [] };
  const newer = newerThan(queue, request, isAncestor);
  if (newer !== undefined && !isExplicit(request)) return newer;
  const replaced = queue.waiting.filter(
    (release) => !isExplicit(release) && replaces(request, release, isAncestor),
  );
  return {
    kind: 'granted',
    waiting: [...queue.waiting.filter((release) => !replaced.includes(release)), request],
    superseded: replaced.map((release) => ({
      release,
      by: request.lifecycleId,
      reason: `${short(request.source.commit)} is newer than ${short(release.source.commit)}`,
    })),
  };
}

/** The release that goes next, if any. */
export function nextRelease(queue: EndpointQueue, held: boolean): Release | undefined {
  return held || queue.running !== undefined ? undefined : queue.waiting[0];
}

/** Commits whose ancestry `arbitrate` will ask for: pairs with the request's commit. */
export function commitsToCompare(queue: EndpointQueue, request: Release): readonly string[] {
  const commits = [
    queue.champion?.commit,
    queue.running?.source.commit,
    ...queue.waiting.map(({ source }) => source.commit),
  ];
  const other = commits.filter((commit) => commit !== undefined && commit !== request.source.commit);
  // An adopted deployment may come from no commit.
  return [...new Set(other)].filter((commit) => commit !== undefined).filter((commit) => commit !== '');
}

/** Whether a person asked for exactly this release, as its business key says (`keys.ts`: `…/release/<n>`). */
export function isExplicit(release: Pick<Release, 'lifecycleId'>): boolean {
  return release.lifecycleId.split('/')[4] === 'release';
}

function newerThan(queue: EndpointQueue, request: Release, isAncestor: IsAncestor): Arbitration | undefined {
  const { commit } = request.source;
  const rivals = [
    ...(queue.champion === undefined
      ? []
      : [{ commit: queue.champion.commit, by: queue.champion.releaseId, what: 'serves' }]),
    ...(queue.running === undefined ? [] : [rival(queue.running, 'is being rolled out')]),
    ...queue.waiting.filter((release) => !isExplicit(release)).map((release) => rival(release, 'waits')),
  ];
  const newer = rivals.find((other) => isAncestor(commit, other.commit) === true);
  if (newer === undefined) return undefined;
  return {
    kind: 'superseded',
    by: newer.by,
    reason: `${short(newer.commit)} ${newer.what} and is newer than ${short(commit)}`,
  };
}

function rival(release: Release, what: string): { commit: string; by: string; what: string } {
  return { commit: release.source.commit, by: release.lifecycleId, what };
}

/** A later lifecycle of the very same commit (a retry, a retraining) replaces the earlier one too. */
function replaces(request: Release, waiting: Release, isAncestor: IsAncestor): boolean {
  const [older, newer] = [waiting.source.commit, request.source.commit];
  return older === newer ? request.requestedAt >= waiting.requestedAt : isAncestor(older, newer) === true;
}

function short(commit: string): string {
  return commit.slice(0, 7);
}
