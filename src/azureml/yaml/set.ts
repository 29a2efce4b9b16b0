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

/** `a.b[0].c` → `['a', 'b', 0, 'c']`; a dot within a key is written `\.`. Only brackets make an index. */
export function parsePath(path: string): Path {
  const parts = path.match(/\[-?\d+\]|(?:\\.|[^.[\]\\])+/g) ?? [];
  return parts.map((part) =>
    part.startsWith('[') ? Number(part.slice(1, -1)) : part.replace(/\\(.)/g, '$1'),
  );
}

/** Entries that an index may add to a list at once: what lies beyond was hardly meant, and would fill the memory. */
const MOST_GROWN = 1000;

type Container = Record<string | number, unknown>;

/**
 * `--set path=value` as `az ml` applies it (pydash `set_`, after the client's own look at the way there): missing
 * parents are made, a list index grows the list, and what holds no keys cannot be reached into. Changes `root`.
 */
export function setValue(root: unknown, path: string, value: unknown): void {
  const parts = parsePath(path);
  const last = parts.at(-1);
  if (last === undefined) throw new OverrideError('an override needs a path such as inputs.rate', path);
  if (!isContainer(root))
    throw new OverrideError(`cannot use set on ${path}: the file holds no mapping`, path);
  let at: Container = root;
  for (const [index, part] of parts.slice(0, -1).entries()) {
    const key = keyIn(at, part, path);
    const known = Object.hasOwn(at, key) ? at[key] : undefined;
    const way = shownPath(parts.slice(0, index + 1));
    // A key without a value stays without one, whatever is set below it: then the null is the mistake.
    if (known === null) return;
    if (known !== undefined && !isContainer(known)) throw unreachable(path, way, known);
    at = isContainer(known) ? known : made(at, key, typeof parts[index + 1] === 'number');
  }
  put(at, keyIn(at, last, path), structuredClone(value));
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function unreachable(path: string, way: string, found: unknown): OverrideError {
  const message =
    typeof found === 'string'
      ? `Cannot use '--set' on properties defined by reference strings: --set ${path}; ${way} is the reference ${found}, set the whole of it`
      : `cannot use set on ${path}: ${way} is ${String(found)}, which holds no keys; set the whole of it`;
  return new OverrideError(message, path);
}

/** A negative index counts from the end. */
function keyIn(at: Container, part: string | number, path: string): string | number {
  if (!Array.isArray(at)) return part;
  if (typeof part === 'string') {
    throw new OverrideError(`cannot use set on ${path}: a list is reached into by [0], not by ${part}`, path);
  }
  if (part > at.length + MOST_GROWN) {
    const message = `cannot use set on ${path}: the list has ${at.length} entries; it grows by at most ${MOST_GROWN}`;
    throw new OverrideError(message, path);
  }
  return part < 0 ? Math.max(0, at.length + part) : part;
}

function made(at: Container, key: string | number, isList: boolean): Container {
  const fresh: unknown = isList ? [] : {};
  put(at, key, fresh);
  return fresh as Container;
}

function put(at: Container, key: string | number, value: unknown): void {
  if (Array.isArray(at) && typeof key === 'number') while (at.length < key) at.push(null);
  // As own data, so that a key named __proto__ is a key like any other.
  Object.defineProperty(at, key, { value, writable: true, enumerable: true, configurable: true });
}

function shownPath(parts: Path): string {
  return parts.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}
