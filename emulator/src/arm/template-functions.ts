import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { guidOf } from '../ids.js';

/** Functions of ARM templates whose value depends on their arguments alone, by lower-cased name. */
export const FUNCTIONS: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
  and: (...args) => args.every((arg) => arg === true),
  or: (...args) => args.includes(true),
  not: (arg) => arg !== true,
  // Template strings compare with their case; numbers and booleans are not turned into strings.
  equals: (left, right) => isDeepStrictEqual(left, right),
  empty: (arg) => isEmpty(arg),
  coalesce: (...args) => args.find((arg) => arg !== null && arg !== undefined) ?? null,
  json: (text) => JSON.parse(String(text)) as unknown,
  string: text,
  bool: (arg) => String(arg).toLowerCase() === 'true',
  int: Number,
  length: (arg) => Object.keys(typeof arg === 'object' ? (arg ?? {}) : text(arg)).length,
  concat: (...args) => (Array.isArray(args[0]) ? args.flatMap((arg): unknown => arg) : args.join('')),
  format: (pattern, ...args) =>
    text(pattern).replace(/\{(\d+)\}/g, (_, at: string) => text(args[Number(at)] ?? '')),
  tolower: (text) => String(text).toLowerCase(),
  toupper: (text) => String(text).toUpperCase(),
  replace: (text, old, by) => String(text).replaceAll(String(old), String(by)),
  substring: (text, from, length) =>
    String(text).slice(Number(from), length === undefined ? undefined : Number(from) + Number(length)),
  uniquestring: (...args) => createHash('sha256').update(args.join('-')).digest('hex').slice(0, 13),
  guid: (...args) => guidOf(args.join('-')),
  newguid: () => randomUUID(),
  array: (arg) => (Array.isArray(arg) ? (arg as unknown[]) : [arg]),
  createobject: (...args) =>
    Object.fromEntries(args.flatMap((key, at) => (at % 2 === 0 ? [[String(key), args[at + 1]]] : []))),
  createarray: (...args) => args,
  true: () => true,
  false: () => false,
  null: () => null,
};

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isEmpty(arg: unknown): boolean {
  if (arg === null || arg === undefined || arg === '') return true;
  return typeof arg === 'object' && Object.keys(arg).length === 0;
}
