import type { Traffic } from './release.js';

/** What an endpoint's owner set and relies on. */
export interface Standing {
  readonly traffic: Traffic;
  /** Deployments that serve or are kept warm. */
  readonly deployments: readonly string[];
}

/** What somebody else changed: one sentence for each difference from what the owner set. */
export function changesByHand(
  set: Standing,
  found: { readonly traffic: Traffic; readonly deployments: readonly { readonly name: string }[] },
): string[] {
  const names = [...new Set([...Object.keys(set.traffic), ...Object.keys(found.traffic)])].sort();
  const exists = new Set(found.deployments.map(({ name }) => name));
  return [
    ...names.flatMap((name) => {
      const [ours, theirs] = [set.traffic[name] ?? 0, found.traffic[name] ?? 0];
      return ours === theirs ? [] : [`${name} has ${theirs} %, it was set to ${ours} %`];
    }),
    ...[...new Set(set.deployments)]
      .filter((name) => !exists.has(name))
      .map((name) => `deployment ${name} is gone`),
  ];
}

/** The deployment with the largest share, if any serves. */
export function servingMost(traffic: Traffic, except?: string): string | undefined {
  const serving = Object.entries(traffic).filter(([name, percent]) => percent > 0 && name !== except);
  return serving.sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** Traffic once a deployment is gone: whoever served most beside it takes over its share. Sums to 100, or is empty. */
export function trafficWithout(traffic: Traffic, deployment: string): Traffic {
  const heir = servingMost(traffic, deployment);
  if (heir === undefined) return {};
  const { [deployment]: freed = 0, ...rest } = traffic;
  return { ...rest, [heir]: (rest[heir] ?? 0) + freed };
}
