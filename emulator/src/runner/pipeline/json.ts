import { isJson } from '../../arm/crud.js';
import type { Json } from '../../resources.js';

/** Steps are written in snake case inside a body that is camel case otherwise: the names of one level in camel case. */
export function camelKeys(value: unknown): Json {
  return Object.fromEntries(
    Object.entries(jsonOf(value)).map(([key, inner]) => [
      key.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase()),
      inner,
    ]),
  );
}

export function jsonOf(value: unknown): Json {
  return isJson(value) ? value : {};
}

/** A field by either of its spellings. */
export function fieldOf(json: Json, camel: string): unknown {
  return json[camel] ?? json[camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] ?? undefined;
}

/** The JSON text of a value with its keys in order, so that equal values have equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isJson(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

/** A literal as text; nothing is the empty text. */
export function plainText(value: unknown, otherwise = ''): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return otherwise;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}
