import type { Path } from './parse.js';

/** An override that cannot be applied. */
export class OverrideError extends Error {
  constructor(
    message: string,
    readonly path: string,
  ) {
    super(message);
    this.name = 'OverrideError';
  }
}

/** `a.b[0].c` → `['a', 'b', 0, 'c']`; a dot within a key is written `\.`. */
export function parsePath(path: string): Path {
  const parts = path.match(/\[\d+\]|(?:\\.|[^.[\]\\])+/g) ?? [];
  return parts.map((part) =>
    part.startsWith('[')
      ? Number(part.slice(1, -1))
      : /^\d+$/.test(part)
        ? Number(part)
        : part.replace(/\\(.)/g, '$1'),
  );
}

type Container = Record<string | number, unknown>;

/**
 * `--set path=value` as `az ml` applies it (pydash `set_`): missing parents are made, a list index grows the list,
 * and the text of a reference (`environment: azureml:e:1`) cannot be reached into. Changes `root`.
 */
export function setValue(root: unknown, path: string, value: unknown): void {
  const parts = parsePath(path);
  const last = parts.at(-1);
  if (last === undefined) throw new OverrideError('an override needs a path such as inputs.rate', path);
  let at = container(root, path);
  for (const [index, part] of parts.slice(0, -1).entries()) {
    const known = at[part];
    if (typeof known === 'string') {
      throw new OverrideError(
        `cannot use set on ${path}: ${parts.slice(0, index + 1).join('.')} is the reference ${known}; set the whole of it`,
        path,
      );
    }
    if (typeof known !== 'object' || known === null)
      at[part] = typeof parts[index + 1] === 'number' ? [] : {};
    at = at[part] as Container;
  }
  if (Array.isArray(at) && typeof last === 'number') while (at.length < last) at.push(null);
  at[last] = structuredClone(value);
}

function container(value: unknown, path: string): Container {
  if (typeof value === 'object' && value !== null) return value as Container;
  throw new OverrideError(`cannot use set on ${path}: the file holds no mapping`, path);
}
