/**
 * A parsed file whose every value knows where it comes from. Short forms are expanded, environments are merged and
 * defaults filled in on this tree, so that a mistake found at the end still points to the line that caused it, and
 * `plan --explain` can name each value's origin.
 */
export type Tree = Leaf | Branch | List;

export interface Leaf {
  readonly kind: 'leaf';
  readonly value: string | number | boolean | null;
  readonly origin: Origin;
}

export interface Branch {
  readonly kind: 'branch';
  readonly entries: Readonly<Record<string, Tree>>;
  readonly origin: Origin;
}

export interface List {
  readonly kind: 'list';
  readonly items: readonly Tree[];
  readonly origin: Origin;
}

/** Where a value stands, 1-based; `key` is its key's place. Without a line it is a default. */
export interface Origin {
  readonly line?: number;
  readonly column?: number;
  readonly key?: { readonly line: number; readonly column: number };
  /** Environment that it was taken over from by `extends`. */
  readonly inherited?: string;
}

export type Path = readonly (string | number)[];

/** A plain value as a tree; without an origin all of it is a default. */
export function toTree(value: unknown, origin: Origin = {}): Tree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => toTree(item, origin)), origin };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => [key, toTree(item, origin)]);
    return { kind: 'branch', entries: Object.fromEntries(entries) as Record<string, Tree>, origin };
  }
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return { kind: 'leaf', value: plain ? value : null, origin };
}

export function toPlain(tree: Tree): unknown {
  switch (tree.kind) {
    case 'leaf':
      return tree.value;
    case 'list':
      return tree.items.map(toPlain);
    case 'branch':
      return Object.fromEntries(Object.entries(tree.entries).map(([key, item]) => [key, toPlain(item)]));
  }
}

export function child(tree: Tree | undefined, key: string | number): Tree | undefined {
  if (tree?.kind === 'list') return typeof key === 'number' ? tree.items[key] : undefined;
  if (tree?.kind !== 'branch') return undefined;
  return Object.hasOwn(tree.entries, String(key)) ? tree.entries[String(key)] : undefined;
}

/** The value at a path, or the nearest one above it that is there. */
export function nearestAt(tree: Tree, path: Path): { readonly tree: Tree; readonly exact: boolean } {
  let at: Tree = tree;
  for (const key of path) {
    const next = child(at, key);
    if (next === undefined) return { tree: at, exact: false };
    at = next;
  }
  return { tree: at, exact: true };
}

export function entriesOf(tree: Tree | undefined): readonly (readonly [string, Tree])[] {
  return tree?.kind === 'branch' ? Object.entries(tree.entries) : [];
}

export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'leaf' && typeof tree.value === 'string' ? tree.value : undefined;
}

/** A branch with some keys replaced, or left out where the new value is `undefined`; other trees stay as they are. */
export function withEntries(tree: Tree, changes: Readonly<Record<string, Tree | undefined>>): Tree {
  if (tree.kind !== 'branch') return tree;
  const entries = Object.entries({ ...tree.entries, ...changes }).filter(([, item]) => item !== undefined);
  return { ...tree, entries: Object.fromEntries(entries) as Record<string, Tree> };
}

/** Maps merge key by key; anything else of `over` takes the place of what `base` has. */
export function merge(base: Tree, over: Tree): Tree {
  if (base.kind !== 'branch' || over.kind !== 'branch') return over;
  const entries = new Map(Object.entries(base.entries));
  for (const [key, item] of Object.entries(over.entries)) {
    const under = entries.get(key);
    entries.set(key, under === undefined ? item : merge(under, item));
  }
  return { ...over, entries: Object.fromEntries(entries) };
}

/** Marks everything in a tree as taken over from an environment; what it had taken over itself keeps its mark. */
export function inheritedFrom(tree: Tree, environment: string): Tree {
  const origin = { ...tree.origin, inherited: tree.origin.inherited ?? environment };
  switch (tree.kind) {
    case 'leaf':
      return { ...tree, origin };
    case 'list':
      return { ...tree, origin, items: tree.items.map((item) => inheritedFrom(item, environment)) };
    case 'branch': {
      const entries = Object.entries(tree.entries).map(([key, item]) => [
        key,
        inheritedFrom(item, environment),
      ]);
      return { ...tree, origin, entries: Object.fromEntries(entries) as Record<string, Tree> };
    }
  }
}
