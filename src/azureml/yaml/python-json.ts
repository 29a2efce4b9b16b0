import { guidOf, sha256 } from '../hash.js';
import { pythonText } from './expressions.js';
import type { Path } from './parse.js';

/** JSON as Python's `json.dumps(value, sort_keys=True)` writes it. `isFloat`: which numbers Python holds as floats. */
export function pythonJson(
  value: unknown,
  isFloat: (path: Path) => boolean = () => false,
  path: Path = [],
): string {
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => pythonJson(item, isFloat, [...path, index])).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    const sorted = entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const pairs = sorted.map(([key, item]) => `${ascii(key)}: ${pythonJson(item, isFloat, [...path, key])}`);
    return `{${pairs.join(', ')}}`;
  }
  if (typeof value === 'string') return ascii(value);
  if (typeof value === 'number') return pythonText(value, isFloat(path) || !Number.isInteger(value));
  return JSON.stringify(value ?? null);
}

function ascii(text: string): string {
  return JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Guid of a dictionary's content without `omit`: `hash_dict` of azure-ai-ml (_utils/utils.py). */
export function hashOfDict(
  dict: Readonly<Record<string, unknown>>,
  omit: readonly string[],
  isFloat?: (path: Path) => boolean,
): string {
  const kept = Object.fromEntries(Object.entries(dict).filter(([key]) => !omit.includes(key)));
  return guidOf(sha256(pythonJson(kept, isFloat)));
}
