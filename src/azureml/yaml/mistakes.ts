import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import type { Mistake } from '../../domain/mistake.js';
import { advised } from './advice.js';
import { SEPARATOR } from './fields.js';
import type { Problem } from './kind.js';
import type { Parsed, Path } from './parse.js';
import { Timestamp } from './timestamps.js';

/** What a schema found wrong, in words; `raw` is what it was given. */
export function problemsOf(error: Pick<z.ZodError, 'issues'>, raw: unknown): Problem[] {
  const dates = new Map<string, Problem>();
  const others = error.issues.flatMap((issue): Problem[] => {
    const date = dateOn(issue.path, raw);
    if (date !== undefined) {
      dates.set(JSON.stringify(date.path), date);
      return [];
    }
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    const [message = '', list] = issue.message.split(SEPARATOR);
    const allowed = list === undefined ? undefined : (JSON.parse(list) as string[]);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...path, key],
        message,
        found: key,
        ...(allowed ? { allowed } : {}),
      }));
    }
    const value = valueAt(raw, path);
    if (value === undefined) return [{ path, message: 'missing; this key is required' }];
    return [
      {
        path,
        message: issue.code === 'invalid_type' ? `expected ${expected(issue.expected)}` : message,
        found: brief(value),
        ...(allowed ? { allowed } : {}),
      },
    ];
  });
  return [...dates.values(), ...others];
}

/** A date that stands where its field takes none: several schemas may have tried it, and each says something else. */
function dateOn(path: readonly PropertyKey[], raw: unknown): Problem | undefined {
  for (let length = 1; length <= path.length; length += 1) {
    const at = path.slice(0, length).filter((part) => typeof part !== 'symbol');
    const value = valueAt(raw, at);
    if (value instanceof Timestamp) return { path: at, message: 'expected a text', found: value.written };
  }
  return undefined;
}

const words: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  record: 'a mapping',
  object: 'a mapping',
  array: 'a list',
};

function expected(type: string): string {
  return words[type] ?? type;
}

/** What stands at `path` of a value; undefined for nothing. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((node, part) => {
    return typeof node === 'object' && node !== null
      ? (node as Record<string | number, unknown>)[part]
      : undefined;
  }, root);
}

function brief(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** What is wrong with a text as YAML. */
export function mistakesOfText(file: string, { problems }: Parsed): Mistake[] {
  return problems.map(({ message, position, warning }) => {
    return { file, ...position, path: '', message, severity: warning ? 'warning' : 'error' };
  });
}

/** What is wrong with a file that another one names: as YAML, or else as `schema` has it. */
export function mistakesIn(file: string, parsed: Parsed, schema: z.ZodType): Mistake[] {
  const found = mistakesOfText(file, parsed);
  if (found.some(isError)) return found;
  // An empty file is a mapping without keys, as to the official client.
  const raw = parsed.value ?? {};
  const { error } = schema.safeParse(raw);
  const problems = error === undefined ? [] : problemsOf(error, raw);
  return [...found, ...problems.map((problem) => toMistake(file, parsed, problem))];
}

export function isError({ severity }: Pick<Mistake, 'severity'>): boolean {
  return severity === 'error';
}

/** With its place in the text, the valid word most like what was found, and what to do. */
export function toMistake(file: string, parsed: Parsed, problem: Problem): Mistake {
  const { path, found, allowed } = problem;
  const { fix } = advised(problem, valueAt(parsed.value, path));
  const near = found === undefined || allowed === undefined ? undefined : nearest(found, allowed);
  return {
    file,
    ...parsed.position(path),
    path: path.reduce<string>((text, part) => join(text, part), ''),
    message: problem.message,
    ...(found === undefined ? {} : { found }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(near === undefined ? {} : { nearest: near }),
    ...(fix === undefined ? {} : { fix }),
    severity: problem.severity ?? 'error',
  };
}

function join(path: string, part: string | number): string {
  if (typeof part === 'number') return `${path}[${part}]`;
  return path === '' ? part : `${path}.${part}`;
}

/** Undefined when nothing is near enough to have been meant. */
export function nearest(found: string, allowed: readonly string[]): string | undefined {
  if (allowed.length === 0) return undefined;
  const best = closest(found.toLowerCase(), [...allowed]);
  return distance(found.toLowerCase(), best.toLowerCase()) <= Math.max(2, found.length / 3)
    ? best
    : undefined;
}
