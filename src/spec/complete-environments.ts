import { nearest } from '../domain/text.js';
import { fileTree, optional } from './complete.js';
import type { Fault } from './fault.js';
import {
  child,
  entriesOf,
  inheritedFrom,
  merge,
  textOf,
  toPlain,
  toTree,
  type Tree,
  withEntries,
} from './tree.js';

/** What an environment gets where it says nothing. */
const approvalDefaults = {
  approvers: [],
  required: 1,
  expires: '72h',
  verify: ['github', 'principal'],
  allow_authors: false,
};
const rolloutSteps = [
  { traffic: 10, for: '10m' },
  { traffic: 50, for: '30m' },
];
const batchDefaults = { rows: '>= 1', require: {}, limits: { queue: '12h', run: '3d' } };
const compareDefaults = { min_requests: 50, extend: '1h', alpha: 0.01, slower: '10%' };
const monitorDefaults = {
  schedule: '0 6 * * *',
  window: '24h',
  on_breach: 'notify',
  thresholds: { numerical: 0.1, categorical: 0.1 },
  min_rows: 500,
  engine: 'worker',
};
const monitorJobDefaults = { limits: { queue: '6h', run: '6h' } };

/** Works `extends`, `set` and defaults into every environment. People and canary guard the last one only. */
export function completeEnvironments(
  environments: Tree | undefined,
  workspace: string | undefined,
): { readonly tree: Tree; readonly faults: readonly Fault[] } {
  const written = environments ?? toTree({});
  const faults: Fault[] = [];
  const merged = entriesOf(written).map(([name]) => [name, extend(written, name, [], faults)] as const);
  const named = merged
    .map(([, tree]) => textOf(child(tree, 'workspace')))
    .find((alias) => alias !== undefined);
  const trains = workspace ?? named ?? 'dev';
  const full = merged.map(([name, tree], index) => {
    const split = splitSet(tree, name, faults);
    return [name, withDefaults(split, trains, index === merged.length - 1)] as const;
  });
  return { tree: withEntries(written, Object.fromEntries(full)), faults };
}

/** An environment with what it takes over from others, nearest first. */
function extend(environments: Tree, name: string, trail: readonly string[], faults: Fault[]): Tree {
  const own = child(environments, name) ?? toTree({});
  const base = textOf(child(own, 'extends'));
  const plain = withEntries(own, { extends: undefined });
  if (base === undefined) return plain;
  const path = ['environments', name, 'extends'];
  if (child(environments, base) === undefined) {
    const others = entriesOf(environments).flatMap(([other]) => (other === name ? [] : [other]));
    const meant = nearest(base, others);
    const unknown = { path, message: 'extends an unknown environment', found: base, allowed: others };
    if (trail.length === 0) faults.push({ ...unknown, ...(meant !== undefined && { nearest: meant }) });
    return plain;
  }
  if (base === name || trail.includes(base)) {
    const circle = [...trail, name, base];
    if (circle[0] === base) faults.push({ path, message: `extends itself: ${circle.join(' → ')}` });
    return plain;
  }
  return merge(inheritedFrom(extend(environments, base, [...trail, name], faults), base), plain);
}

const prefixes = ['endpoint', 'deployment'] as const;

/** Hands the environment's overrides to the files that they name. */
function splitSet(environment: Tree, name: string, faults: Fault[]): Tree {
  const overrides = entriesOf(child(environment, 'set'));
  for (const [key, { origin }] of overrides) {
    if (origin.inherited !== undefined) continue;
    if (prefixes.some((prefix) => key.startsWith(`${prefix}.`) && key.length > prefix.length + 1)) continue;
    faults.push({
      path: ['environments', name, 'set'],
      key,
      message: 'says neither endpoint nor deployment',
      allowed: prefixes.map((prefix) => `${prefix}.${key}`),
    });
  }
  const files = prefixes.map((prefix) => {
    const own = overrides.flatMap(([key, tree]) =>
      key.startsWith(`${prefix}.`) ? [[key.slice(prefix.length + 1), tree] as const] : [],
    );
    return [prefix, optional(child(environment, prefix), (tree) => withSet(fileTree(tree), own))] as const;
  });
  return withEntries(environment, { set: undefined, ...Object.fromEntries(files) });
}

function withSet(file: Tree, overrides: readonly (readonly [string, Tree])[]): Tree {
  const set = child(file, 'set') ?? toTree({});
  return withEntries(file, { set: withEntries(set, Object.fromEntries(overrides)) });
}

function withDefaults(environment: Tree, workspace: string, isLast: boolean): Tree {
  const approval = child(environment, 'approval') ?? (isLast ? toTree({}) : toTree('none'));
  const test = child(environment, 'test');
  const isBatch = child(test, 'input') !== undefined;
  const shifts = isLast && !isBatch;
  const rollout = merge(
    toTree({
      steps: shifts ? rolloutSteps : [],
      abort: shifts ? { error_rate: '> 1%' } : {},
      keep_previous: '24h',
    }),
    child(environment, 'rollout') ?? toTree({}),
  );
  const compare = child(rollout, 'compare') ?? toTree(shifts ? {} : 'none');
  return withEntries(environment, {
    workspace: child(environment, 'workspace') ?? toTree(workspace),
    keep: child(environment, 'keep') ?? toTree(isLast ? 'always' : '2h'),
    approval: toPlain(approval) === 'none' ? approval : merge(toTree(approvalDefaults), approval),
    rollout: withEntries(rollout, {
      abort: writtenAbort(environment) ?? child(rollout, 'abort'),
      compare: toPlain(compare) === 'none' ? compare : merge(toTree(compareDefaults), compare),
    }),
    test: isBatch ? optional(test, (tree) => merge(toTree(batchDefaults), tree)) : test,
    monitor: optional(child(environment, 'monitor'), fullMonitor),
  });
}

function fullMonitor(written: Tree): Tree {
  const monitor = merge(toTree(monitorDefaults), written);
  if (toPlain(child(monitor, 'engine') ?? toTree('worker')) !== 'azureml') return monitor;
  const job = merge(toTree(monitorJobDefaults), child(monitor, 'job') ?? toTree({}));
  return withEntries(monitor, { job });
}

/** Who writes `abort` down means exactly that: the default condition does not come on top. */
function writtenAbort(environment: Tree): Tree | undefined {
  return child(child(environment, 'rollout'), 'abort');
}
