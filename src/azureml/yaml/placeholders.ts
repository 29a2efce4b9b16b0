import type { Problem } from './kind.js';
import type { Path } from './parse.js';

/** `<name>` as examples and templates have it, `{{name}}` as template engines do; `${{…}}` is Azure's own. */
const forgotten = /<[A-Za-z_][\w.-]*>|(?<![$\\])\{\{\s*[A-Za-z_][\w.-]*\s*\}\}/;

/** Texts for people, and for a shell, in which the same signs have a meaning. */
const prose = new Set(['description', 'command', 'display_name', 'query', 'entry']);

/** Placeholders that somebody forgot to fill in. Azure takes most of them for names, and fails on them later. */
export function placeholdersIn(value: unknown, path: Path = []): Problem[] {
  if (typeof value === 'string') {
    const found = forgotten.exec(value)?.[0];
    if (found === undefined || prose.has(String(path.at(-1)))) return [];
    const message = 'a placeholder that nobody has filled in';
    return [{ path, message, found, fix: 'write the value that it stands for', severity: 'warning' }];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => placeholdersIn(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, held]) => placeholdersIn(held, [...path, key]));
}
