import { z } from 'zod';

/** Separates a message from the JSON of what is allowed, on its way through zod, which knows messages only. */
export const SEPARATOR = '\u0000';

export function withAllowed(message: string, allowed: readonly string[]): string {
  return `${message}${SEPARATOR}${JSON.stringify(allowed)}`;
}

/** Keys that the official client prints and drops again when it reads them. */
const readOnly = [
  'id',
  'status',
  'creation_context',
  'provisioning_state',
  'log_files',
  'parameters',
  'resource_group',
];

/** A mapping with these keys only, as the official client has it; read-only keys are dropped. */
export function object<S extends z.ZodRawShape>(shape: S) {
  const keys = Object.keys(shape);
  const schema = z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? withAllowed('unknown key', keys) : undefined),
  });
  return z.preprocess((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value).filter(([key]) => key in shape || !readOnly.includes(key)),
    );
  }, schema);
}

/** As `object`, but unknown keys go along as they are. */
export function openObject<S extends z.ZodRawShape>(shape: S) {
  return z.preprocess((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value).filter(([key]) => key in shape || !readOnly.includes(key)),
    );
  }, z.looseObject(shape));
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

export const text = z.string();

/** Names and versions may be written as numbers. */
export const version = z.union([z.string(), z.number()], 'expected a text or a number').transform(String);

export const integer = z
  .union([z.int(), z.string().regex(/^[-+]?\d+$/)], 'expected a whole number')
  .transform(Number);

export const number = z
  .union([z.number(), z.string().regex(/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/)], 'expected a number')
  .transform(Number);

export const boolean = z
  .union(
    [z.boolean(), z.string().regex(/^(true|false|yes|no|on|off|1|0)$/i), z.literal([0, 1])],
    'expected true or false',
  )
  .transform((value) => (typeof value === 'string' ? /^(true|yes|on|1)$/i.test(value) : Boolean(value)));

function snake(value: string): string {
  return value.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** One of these words, in any case, `camelCase` too; answers the word as it stands in `values`. */
export function word<const V extends readonly string[]>(values: V): z.ZodType<V[number]> {
  return z.unknown().transform((value, context): V[number] => {
    const found =
      typeof value === 'string'
        ? values.find((known) => known === value.toLowerCase() || known === snake(value))
        : undefined;
    if (found !== undefined) return found;
    context.issues.push({ code: 'custom', input: value, message: withAllowed('unknown value', values) });
    return z.NEVER;
  });
}

const scalar = z.union([z.string(), z.number(), z.boolean()], 'expected a text, a number or true/false');

/** Values stay as written. */
export const scalars = z.record(z.string(), scalar);

/** Azure holds tags and properties as texts. */
export const texts = z.record(z.string(), scalar.transform(String));

export const anything = z.record(z.string(), z.unknown());

export const environmentVariables = scalars;

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
