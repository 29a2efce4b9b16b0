/** The parts of a lifecycle's id (`domain/keys.ts`): `mlops/{repository}/{project}/{commit}[/{trigger}]`. */
export interface LifecycleKey {
  readonly id: string;
  /** `owner.name` */
  readonly repository: string;
  readonly project: string;
  /** First 12 hexadecimal digits. */
  readonly commit: string;
}

/** A lifecycle that is there, newest first where several are given. */
export interface Known {
  readonly id: string;
}

export type Found<T> =
  | { readonly kind: 'one'; readonly match: T }
  | { readonly kind: 'none' }
  | { readonly kind: 'several'; readonly matches: readonly T[] };

export function keyOf(id: string): LifecycleKey | undefined {
  const [root, repository, project, commit] = id.split('/');
  if (root !== 'mlops' || repository === undefined || project === undefined || commit === undefined) return;
  return { id, repository, project, commit };
}

/**
 * Finds the lifecycle that somebody means: a whole id, a project (its newest), a commit's first digits, or any run
 * of an id's parts such as `diabetes/3f2a9c41` or `3f2a9c41/retry/1`. Several lifecycles of one commit mean the
 * newest; different projects or commits are ambiguous.
 * @param known newest first
 */
export function matchLifecycle<T extends Known>(text: string, known: readonly T[]): Found<T> {
  const exact = known.find(({ id }) => id === text);
  if (exact !== undefined) return { kind: 'one', match: exact };
  const named = known.filter(({ id }) => keyOf(id)?.project === text);
  if (named.length > 0) return settle(named, ({ repository }) => repository);
  const parts = text.split('/').map((part) => (/^[0-9a-f]{13,}$/.test(part) ? part.slice(0, 12) : part));
  const matches = known.filter(({ id }) => contains(id.split('/'), parts));
  return settle(matches, ({ repository, project, commit }) => `${repository}/${project}/${commit}`);
}

/** Whether `parts` stand in `id` one after the other, the last one as a beginning. */
function contains(id: readonly string[], parts: readonly string[]): boolean {
  return id.some((_, start) =>
    parts.every((part, index) => {
      const found = id[start + index];
      return index === parts.length - 1 ? (found?.startsWith(part) ?? false) : found === part;
    }),
  );
}

function settle<T extends Known>(matches: readonly T[], groupOf: (key: LifecycleKey) => string): Found<T> {
  const [newest] = matches;
  if (newest === undefined) return { kind: 'none' };
  const groups = new Map<string, T>();
  for (const match of matches) {
    const key = keyOf(match.id);
    const group = key === undefined ? match.id : groupOf(key);
    if (!groups.has(group)) groups.set(group, match);
  }
  return groups.size === 1
    ? { kind: 'one', match: newest }
    : { kind: 'several', matches: [...groups.values()] };
}
