import { z } from 'zod';
import { pathText } from './fault.js';
import type { Path } from './tree.js';

type Json = z.core.JSONSchema.BaseSchema;

const cache = new WeakMap<z.ZodType, Json>();

/** JSON schema (draft 2020-12) of what people may write. */
export function jsonSchema(schema: z.ZodType): Json {
  const known = cache.get(schema);
  if (known !== undefined) return known;
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  cache.set(schema, made);
  return made;
}

/** Keys that a map at this path may have. */
export function allowedKeys(schema: z.ZodType, path: Path): string[] {
  const at = path.reduce(
    (forms: Json[], key) => forms.flatMap((form) => step(form, key)),
    unfold(jsonSchema(schema)),
  );
  return [...new Set(at.flatMap((form) => Object.keys(form.properties ?? {})))];
}

/** Where in the file a key would be valid, `<name>` standing for names that people choose. */
export function placesOf(schema: z.ZodType, key: string): string[] {
  const places: string[] = [];
  const visit = (node: Json, path: Path): void => {
    for (const form of unfold(node)) {
      for (const [name, next] of Object.entries(form.properties ?? {})) {
        if (name === key) places.push(pathText([...path, name]));
        if (typeof next === 'object') visit(next, [...path, name]);
      }
      if (typeof form.additionalProperties === 'object')
        visit(form.additionalProperties, [...path, '<name>']);
    }
  };
  visit(jsonSchema(schema), []);
  return [...new Set(places)];
}

function step(form: Json, key: string | number): Json[] {
  const own = Object.hasOwn(form.properties ?? {}, String(key)) ? form.properties?.[String(key)] : undefined;
  const next = typeof key === 'number' ? form.items : (own ?? form.additionalProperties);
  return typeof next === 'object' && !Array.isArray(next) ? unfold(next) : [];
}

function unfold(schema: Json): Json[] {
  return schema.anyOf === undefined
    ? [schema]
    : schema.anyOf.flatMap((form) => (typeof form === 'object' ? unfold(form) : []));
}
