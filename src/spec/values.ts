import { z } from 'zod';
import type { Condition } from '../domain/project.js';
import { parseDuration } from '../domain/text.js';

/** Values as people write them in `mlops.yaml` and `policy.yml`, turned into what the domain reckons with. */

const longestMs = 366 * 86_400_000;

const durationHint = 'must be a number with a unit: 200ms, 30s, 10m, 72h, 3d';

/** `10m` → milliseconds. */
export const duration = z
  .string({ error: durationHint })
  .regex(/^\d+(\.\d+)?\s*(ms|s|m|h|d|w)$/, { error: durationHint })
  .transform((text, context) => {
    const value = parseDuration(text) ?? Number.NaN;
    if (value <= longestMs) return value;
    context.issues.push({ code: 'custom', input: text, message: 'is longer than a year' });
    return z.NEVER;
  })
  .meta({ description: 'A duration: 200ms, 30s, 10m, 72h, 3d' });

/** `10` or `10%` → 10. Whole, because Azure's traffic is. */
export function percent(most: number): z.ZodType<number, number | string> {
  const hint = `must be a whole percentage from 1 to ${most}`;
  return z
    .union([z.int(), z.string().regex(/^\d+\s*%?$/)], { error: hint })
    .transform((value) => (typeof value === 'number' ? value : Number.parseInt(value, 10)))
    .refine((value) => value >= 1 && value <= most, { error: hint });
}

const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
export const gatePattern = new RegExp(String.raw`^\s*(\S(?:.*?\S)?)\s*(>=|<=|>|<)\s*(${number})\s*(%?)\s*$`);
const plainPattern = new RegExp(String.raw`^\s*(>=|<=|>|<)\s*(${number})\s*(%?)\s*$`);
const latencyPattern = /^\s*(>=|<=|>|<)\s*(\d+(?:\.\d+)?\s*(?:ms|s|m))\s*$/;

/** `>= 0.75`, `< 1%` */
export const condition = z
  .string({ error: 'must be a comparison such as ">= 0.75", in quotes' })
  .regex(plainPattern, { error: 'must be a comparison such as ">= 0.75"' })
  .transform((text): Condition => {
    const [, op = '', value = '', sign = ''] = plainPattern.exec(text) ?? [];
    return { op: op as Condition['op'], value: share(value, sign) };
  });

/** The side of a bound on which a value must be for the condition to make sense. */
type Side = '<' | '>';

/** A condition on a share from 0 to 1: `> 1%` or `> 0.01`. */
export function shareCondition(side: Side, why: string): z.ZodType<Condition, string> {
  return condition
    .refine(({ value }) => value >= 0 && value <= 1, {
      error: 'is a share: write "1%" or "0.01", from 0% to 100%',
    })
    .refine(({ op }) => op.startsWith(side), { error: why });
}

/** `10%` or `0.1` → 0.1; not below 0. */
export const tolerance = z
  .union([z.number().min(0), z.string().regex(/^\d+(\.\d+)?\s*%$/)], {
    error: 'must be a share such as 10% or 0.1',
  })
  .transform((value) => (typeof value === 'number' ? value : Number.parseFloat(value) / 100));

/** `> 500ms` */
export const latencyAbort = z
  .string({ error: 'must be a latency such as "> 500ms"' })
  .regex(latencyPattern, { error: 'must be a latency such as "> 500ms"' })
  .transform((text): Condition => {
    const [, op = '', value = ''] = latencyPattern.exec(text) ?? [];
    return { op: op as Condition['op'], value: parseDuration(value) ?? Number.NaN };
  })
  .refine(({ op }) => op.startsWith('>'), { error: 'names what ends the rollout, so it must use > or >=' });

export interface GateText extends Condition {
  readonly metric: string;
}

/** `AUC >= 0.75`; `undefined` when it is no comparison. */
export function parseGate(text: string): GateText | undefined {
  const [, metric, op = '', value = '', sign = ''] = gatePattern.exec(text) ?? [];
  return metric === undefined ? undefined : { metric, op: op as Condition['op'], value: share(value, sign) };
}

function share(value: string, sign: string): number {
  return sign === '%' ? Number(value) / 100 : Number(value);
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const nameHint = 'a name has letters, digits, - and _, starts with a letter or digit, and is at most 63 long';

/** Part of workflow ids, job names and model names (Azure ML: `^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}$`). */
export const name = z.string({ error: nameHint }).regex(namePattern, { error: nameHint });

const environmentHint = nameHint.replace('a letter or digit', 'a letter');

/** Starts with a letter, because maps keep the order of such keys: it is the way to production. */
export const environmentName = name.refine((text) => /^[A-Za-z]/.test(text), { error: environmentHint });

const pathHint = 'must be a path inside the repository, relative to this file, with forward slashes';

/** Relative path; whether it stays inside the repository depends on the file's folder and is checked there. */
export const relativePath = z
  .string({ error: pathHint })
  .min(1, { error: pathHint })
  .refine((path) => !/^(\/|[A-Za-z]:|[a-z]+:\/\/)|\\|\0/.test(path), { error: pathHint });

const elsewhere = /^(azureml:|[a-z][a-z0-9+.-]*:\/\/)/i;

/** Whether data is named by a reference or an address, and not by a path of the project. */
export function isElsewhere(text: string): boolean {
  return elsewhere.test(text);
}

const inputHint =
  'must be a data asset (azureml:name@latest, azureml:name:version), an address, or a path inside the repository';

/** What a batch endpoint scores. */
export const batchInput = z
  .string({ error: inputHint })
  .refine((text) => isElsewhere(text) || relativePath.safeParse(text).success, { error: inputHint });

/** One GitHub login, principal or `@org/team`. */
export const person = z
  .string({ error: 'must be a login, a principal or "@org/team", in quotes' })
  .regex(/^(@[A-Za-z0-9-]+\/[A-Za-z0-9._-]+|[A-Za-z0-9][A-Za-z0-9._@+|:-]*(\[bot\])?)$/, {
    error: 'must be a login, a principal or "@org/team"',
  });

export const people = z.array(person, { error: 'must be a list of logins and "@org/team"s' });

export const verification = z.enum(['github', 'principal', 'none']);
