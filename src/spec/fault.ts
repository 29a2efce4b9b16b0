import type { Mistake } from '../domain/mistake.js';
import { nearestAt, type Origin, type Path, type Tree } from './tree.js';

/** A mistake that has not been given its place in the file yet. */
export interface Fault extends Pick<Mistake, 'message' | 'found' | 'allowed' | 'nearest' | 'fix'> {
  readonly path: Path;
  /** Key that the fault is about, where it is the key and not its value. */
  readonly key?: string;
  readonly severity?: Mistake['severity'];
}

/** Places a fault at its value, or at the nearest value above one that is missing. */
export function place(fault: Fault, tree: Tree, file: string): Mistake {
  const { path, key, severity = 'error', ...rest } = fault;
  const full = key === undefined ? path : [...path, key];
  const { tree: at, exact } = nearestAt(tree, full);
  const { line, column } = key !== undefined || !exact ? (at.origin.key ?? at.origin) : at.origin;
  return {
    file,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    path: pathText(full),
    severity,
    ...rest,
  };
}

/** `environments.production.rollout.steps[0].traffic` */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

export function isDefault(origin: Origin): boolean {
  return origin.line === undefined;
}
