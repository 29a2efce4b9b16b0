import { minimatch } from 'minimatch';

/** How far a lifecycle goes, shortest first. */
export const reaches = ['plan', 'train', 'production'] as const;
export type ReachName = (typeof reaches)[number];

/** `on:` of `mlops.yaml`: branch, branch pattern or `pull_request` → how far it goes. */
export type ReachRules = Readonly<Record<string, ReachName>>;

/**
 * How far a ref may go: an exact branch name goes before a pattern, the first pattern that fits before later ones.
 * Without rules pull requests are planned and the default branch goes all the way. `undefined`: it starts nothing.
 * @param ref `refs/heads/…` or `refs/pull/…`; tags start nothing.
 */
export function reachOf(
  rules: ReachRules | undefined,
  ref: string,
  defaultBranch: string,
): ReachName | undefined {
  const effective = rules ?? { pull_request: 'plan', [defaultBranch]: 'production' };
  if (ref.startsWith('refs/pull/')) return effective['pull_request'];
  if (!ref.startsWith('refs/heads/')) return undefined;
  const branch = ref.slice('refs/heads/'.length);
  if (Object.hasOwn(effective, branch) && branch !== 'pull_request') return effective[branch];
  return Object.entries(effective).find(
    ([pattern]) => pattern !== 'pull_request' && minimatch(branch, pattern, { dot: true }),
  )?.[1];
}

/** Whether `a` goes further than `b`. */
export function reachesFurther(a: ReachName, b: ReachName): boolean {
  return reaches.indexOf(a) > reaches.indexOf(b);
}
