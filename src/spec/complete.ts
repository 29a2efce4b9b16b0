import { completeEnvironments } from './complete-environments.js';
import type { Fault } from './fault.js';
import { child, entriesOf, merge, textOf, toTree, type Tree, withEntries } from './tree.js';
import { parseGate } from './values.js';

/** Defaults that depend on where a file was found. */
export interface Surroundings {
  /** Name where the file gives none: the folder's, else the repository's. */
  readonly defaultName: string;
  /** Alias of the workspace that trains, by the policy. */
  readonly workspace?: string;
}

export interface Completed {
  readonly tree: Tree;
  readonly faults: readonly Fault[];
}

/**
 * Works short forms, `extends`, `set` and defaults into a file's tree. What has the wrong shape is left as it is:
 * the schema has told so already.
 */
export function complete(file: Tree, { defaultName, workspace }: Surroundings): Completed {
  const name = child(file, 'name') ?? toTree(defaultName);
  const environments = completeEnvironments(child(file, 'environments'), workspace);
  const data = child(file, 'data') ?? toTree({});
  const setup = child(file, 'setup');
  const gate = child(file, 'gate');
  const tree = withEntries(file, {
    version: child(file, 'version') ?? toTree(1),
    name,
    paths: child(file, 'paths') ?? toTree(['.']),
    setup: setup?.kind === 'list' ? { ...setup, items: setup.items.map(fileTree) } : (setup ?? toTree([])),
    data: withEntries(data, { prepare: optional(child(data, 'prepare'), fileTree) }),
    train: optional(child(file, 'train'), completeTrain),
    concurrency: completeConcurrency(child(file, 'concurrency') ?? toTree({})),
    gate: optional(gate, completeGate),
    register: merge(
      withEntries(toTree({ which: 'best', check: {} }), { name }),
      child(file, 'register') ?? toTree({}),
    ),
    contract: child(file, 'contract') ?? toTree('compatible'),
    environments: environments.tree,
  });
  return { tree, faults: environments.faults };
}

export function optional(tree: Tree | undefined, change: (tree: Tree) => Tree): Tree | undefined {
  return tree === undefined ? undefined : change(tree);
}

/** `azureml/train.yml` → `{file: azureml/train.yml, set: {}}` */
export function fileTree(tree: Tree): Tree {
  const short = textOf(tree);
  if (short === undefined) return withEntries(tree, { set: child(tree, 'set') ?? toTree({}) });
  return { kind: 'branch', entries: { file: tree, set: toTree({}) }, origin: tree.origin };
}

function completeTrain(train: Tree): Tree {
  const limits = merge(
    toTree({ queue: '12h', run: '3d', parallel: 4 }),
    child(train, 'limits') ?? toTree({}),
  );
  const many = child(train, 'candidates');
  const job = textOf(train) === undefined ? child(train, 'job') : train;
  const single = withEntries(train, { limits: undefined, candidates: undefined });
  const candidates: Tree =
    many === undefined && textOf(job) !== undefined
      ? { kind: 'branch', entries: { [candidateName(textOf(job) ?? '')]: single }, origin: train.origin }
      : (many ?? toTree({}));
  const completed = Object.fromEntries(
    entriesOf(candidates).map(([name, tree]) => [name, completeCandidate(tree)]),
  );
  return {
    kind: 'branch',
    entries: { candidates: withEntries(candidates, completed), limits },
    origin: train.origin,
  };
}

function completeCandidate(tree: Tree): Tree {
  const form = jobTree(tree);
  return withEntries(form, {
    set: child(form, 'set') ?? toTree({}),
    model: child(form, 'model') ?? toTree('model'),
  });
}

/** `azureml/train.yml` → `{job: azureml/train.yml}` */
function jobTree(tree: Tree): Tree {
  return textOf(tree) === undefined ? tree : { kind: 'branch', entries: { job: tree }, origin: tree.origin };
}

/** `keep` → `{newer: keep, spare: 1h}` */
function completeConcurrency(tree: Tree): Tree {
  const form: Tree =
    textOf(tree) === undefined ? tree : { kind: 'branch', entries: { newer: tree }, origin: tree.origin };
  return merge(toTree({ newer: 'replace', spare: '1h' }), form);
}

/** A single candidate is called after its job's file. */
function candidateName(file: string): string {
  const base =
    file
      .split('/')
      .at(-1)
      ?.replace(/\.[^.]*$/, '') ?? '';
  const plain = base
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63);
  return plain === '' ? 'train' : plain;
}

/** `AUC >= 0.75` requires that of AUC, ranks by it, and takes the goal from the comparison. */
function completeGate(gate: Tree): Tree {
  const short = parseGate(textOf(gate) ?? '');
  if (short !== undefined) {
    const { metric, op, value } = short;
    const { origin } = gate;
    return {
      kind: 'branch',
      entries: {
        metric: toTree(metric, origin),
        goal: toTree(goalOf(op), origin),
        require: toTree({ [metric]: `${op} ${value}` }, origin),
        min_improvement: toTree(0),
      },
      origin,
    };
  }
  const bound = textOf(child(child(gate, 'require'), textOf(child(gate, 'metric')) ?? ''));
  return withEntries(gate, {
    goal: child(gate, 'goal') ?? toTree(goalOf(bound ?? '>')),
    require: child(gate, 'require') ?? toTree({}),
    min_improvement: child(gate, 'min_improvement') ?? toTree(0),
    evaluate: optional(child(gate, 'evaluate'), completeEvaluation),
  });
}

/** `azureml/evaluate.yml` → `{job: azureml/evaluate.yml, set: {}, resamples: 2000}` */
function completeEvaluation(tree: Tree): Tree {
  const form = jobTree(tree);
  return withEntries(form, {
    set: child(form, 'set') ?? toTree({}),
    resamples: child(form, 'resamples') ?? toTree(2000),
  });
}

function goalOf(comparison: string): 'maximize' | 'minimize' {
  return comparison.trim().startsWith('<') ? 'minimize' : 'maximize';
}
