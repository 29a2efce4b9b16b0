import { z } from 'zod';
import { Timestamp } from './timestamps.js';

/** Separates a message from the JSON of what is allowed, on its way through zod, which knows messages only. */
export const SEPARATOR = '\u0000';

export function withAllowed(message: string, allowed: readonly string[]): string {
  return `${message}${SEPARATOR}${JSON.stringify(allowed)}`;
}

/** Keys that the official client prints and drops again when it reads them. */
const readOnlyKeys = [
  'id',
  'status',
  'creation_context',
  'provisioning_state',
  'log_files',
  'parameters',
  'resource_group',
];

/**
 * A mapping with these keys only, as the official client has it. `readOnly`: keys that it drops unless they are null
 * (`dump_only` of a PathAwareSchema).
 */
export function object<S extends z.ZodRawShape>(shape: S, readOnly: readonly string[] = readOnlyKeys) {
  const keys = Object.keys(shape);
  const schema = z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? withAllowed('unknown key', keys) : undefined),
  });
  return z.preprocess((value) => {
    if (!isMapping(value)) return value;
    return Object.fromEntries(
      Object.entries(value).filter(([key, held]) => key in shape || held === null || !readOnly.includes(key)),
    );
  }, schema);
}

/** As `object`, but unknown keys go along as they are. */
export function openObject<S extends z.ZodRawShape>(shape: S) {
  return z.preprocess((value) => {
    if (!isMapping(value)) return value;
    return Object.fromEntries(
      Object.entries(value).filter(([key]) => key in shape || !readOnlyKeys.includes(key)),
    );
  }, z.looseObject(shape));
}

/** What stands under other keys than these: the official client sends what it does not know of components and nodes. */
export function unknownKeys(value: object, known: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(([key, held]) => !known.includes(key) && held !== null),
  );
}

/** `object` for a file, and for what may stand in one: any `$schema` will do. */
export function fileObject<S extends z.ZodRawShape>(shape: S, readOnly: readonly string[] = []) {
  return object(shape, ['$schema', ...readOnly]);
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The schema that `pick` names for the value found: its mistakes alone are told, not those of every alternative. */
export function choose<T>(pick: (value: unknown) => z.ZodType<T>): z.ZodType<T> {
  return z.unknown().transform((value, context): T => {
    const result = pick(value).safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      context.issues.push({ ...issue, input: value } as Parameters<typeof context.issues.push>[0]);
    }
    return z.NEVER;
  });
}

/** The first of these that takes the value. When none does, the mistakes are those of the one that got furthest. */
export function firstOf<T>(...schemas: readonly z.ZodType<T>[]): z.ZodType<T> {
  return choose((value) => {
    const tried = schemas.map((schema) => ({ schema, result: schema.safeParse(value) }));
    const taken = tried.find(({ result }) => result.success);
    const [nearest] = tried.sort((a, b) => faults(a.result.error) - faults(b.result.error));
    return (taken ?? nearest)?.schema ?? z.never();
  });
}

/** A wrong type of the whole says less than a mistake within it. */
function faults(error: z.ZodError | undefined): number {
  const issues = error?.issues ?? [];
  return (
    issues.length +
    (issues.some(({ path, code }) => path.length === 0 && code !== 'unrecognized_keys') ? 100 : 0)
  );
}

export const text = z.string();

const binding = z.string().regex(/^\$\{\{.+\}\}$/, 'expected a mapping, or ${{parent.inputs.<name>}}');

/** A value, or the `${{…}}` of a pipeline that stands for it. */
export function bindable<T>(schema: z.ZodType<T>): z.ZodType<T | string> {
  return choose<T | string>((value) => (typeof value === 'string' ? binding : schema));
}

/** Names and versions may be written as numbers. */
export const version = z
  .union([z.string(), z.number(), z.boolean()], 'expected a text or a number')
  .transform((value) => (typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)));

const WHOLE = 'expected a whole number';
const NUMBER = 'expected a number';

/** What Python's `int` takes: a fraction is cut off, but not in a text. */
export const integer = z
  .union([z.number(), z.string().regex(/^\s*[-+]?\d+(_\d+)*\s*$/, WHOLE)], WHOLE)
  .transform((value) => Math.trunc(plainNumber(value)));

/** What Python's `float` takes. */
export const number = z
  .union(
    [
      z.number(),
      z.string().regex(/^\s*[-+]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)([eE][-+]?\d+)?\s*$/, NUMBER),
    ],
    NUMBER,
  )
  .transform(plainNumber);

function plainNumber(value: number | string): number {
  return typeof value === 'number' ? value : Number(value.replaceAll('_', ''));
}

const truths = ['t', 'T', 'true', 'True', 'TRUE', 'on', 'On', 'ON', 'y', 'Y', 'yes', 'Yes', 'YES', '1'];
const untruths = ['f', 'F', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF', 'n', 'N', 'no', 'No', 'NO', '0'];

/** Yes and no as marshmallow, the official client's library, takes them. */
export const boolean = z
  .union([z.boolean(), z.enum([...truths, ...untruths]), z.literal([0, 1])], 'expected true or false')
  .transform((value) => (typeof value === 'string' ? truths.includes(value) : Boolean(value)));

/** `SystemAssigned` → `system_assigned`, comma by comma. */
export function snake(value: string): string {
  return value
    .split(',')
    .map((part) =>
      part
        .trim()
        .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
        .replace(/([a-z0-9])([A-Z])/g, '$1_$2'),
    )
    .join(',')
    .toLowerCase();
}

/** `system_assigned` → `SystemAssigned`, comma by comma. */
export function pascal(value: string): string {
  return value
    .split(',')
    .map((part) =>
      part
        .trim()
        .split(/[_ ]+/)
        .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
        .join(''),
    )
    .join(',');
}

function wordBy<const V extends readonly string[]>(
  values: V,
  turns: (value: string) => readonly string[],
): z.ZodType<V[number]> {
  return z.unknown().transform((value, context): V[number] => {
    const said = typeof value === 'string' ? turns(value) : [];
    const found = values.find((known) => said.includes(known));
    if (found !== undefined) return found;
    context.issues.push({ code: 'custom', input: value, message: withAllowed('unknown value', values) });
    return z.NEVER;
  });
}

/** Spaces around a word make it another one, to the official client and to Azure. */
function unpadded(turned: string, written: string): string[] {
  return written.trim() === written ? [turned] : [];
}

/** One of these words, in any case, `camelCase` too; answers the word as it stands in `values`. */
export function word<const V extends readonly string[]>(values: V): z.ZodType<V[number]> {
  return wordBy(values, (value) => [value.toLowerCase(), ...unpadded(snake(value), value)]);
}

/** One of these lower-case words, in any case. */
export function lowerWord<const V extends readonly string[]>(values: V): z.ZodType<V[number]> {
  return wordBy(values, (value) => [value.toLowerCase()]);
}

/** One of these words, written so or in camelCase. */
export function snakeWord<const V extends readonly string[]>(values: V): z.ZodType<V[number]> {
  return wordBy(values, (value) => unpadded(snake(value), value));
}

/** One of these words, as it stands in `values`. */
export function exactWord<const V extends readonly string[]>(values: V): z.ZodType<V[number]> {
  return wordBy(values, (value) => [value]);
}

/** A mapping whose word at `key` says which of `schemas` it keeps to; in any case, or as `snake` turns it. */
export function variant<T>(key: string, schemas: Readonly<Record<string, z.ZodType<T>>>): z.ZodType<T> {
  const names = Object.keys(schemas);
  // Fails on every value, so that the word at `key` is the mistake that is told.
  const none = z.looseObject({ [key]: word(names) }).transform(() => z.NEVER as T);
  return choose((value) => {
    const name = isMapping(value) ? word(names).safeParse(value[key]).data : undefined;
    return (name === undefined ? undefined : schemas[name]) ?? none;
  });
}

const scalar = z.union([z.string(), z.number(), z.boolean()], 'expected a text, a number or true/false');

/** Values stay as written. */
export const scalars = z.record(z.string(), scalar);

/** Azure holds tags and properties as texts. */
export const texts = z.record(z.string(), scalar.transform(String));

/** Texts alone: a number is refused, as the official client does for tags of computes and variables of parallel runs. */
export const plainTexts = z.record(z.string(), text);

export const anything = z.record(z.string(), z.unknown());

/** Values stay as written; a time is sent in ISO 8601. */
export const environmentVariables = z.record(
  z.string(),
  z.union([scalar, z.instanceof(Timestamp).transform(({ iso }) => iso)]),
);

/** Variables and tags of deployments: the official client looks at none of the values, and sends times in ISO 8601. */
export const anyValues = z.record(
  z.string(),
  z.unknown().transform((value) => (value instanceof Timestamp ? value.iso : value)),
);

/** What every kind of file may hold. */
export const common = {
  $schema: z.unknown().optional(),
  description: text.optional(),
  tags: texts.optional(),
};

/** Only the entries that have a value. */
export function compact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
