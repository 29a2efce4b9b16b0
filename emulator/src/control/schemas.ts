import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { setQuota } from '../arm/quota.js';
import type { EmulatorContext } from '../context.js';
import { FAILURES } from '../faults.js';
import type { Failure, FaultAnswer } from '../faults.js';

const answerSchema: z.ZodType<FaultAnswer> = z.union([
  z
    .strictObject({
      status: z.number().int().min(100).max(599),
      code: z.string().min(1),
      message: z.string().default('Ordered by a fault of the emulator.'),
      headers: z.record(z.string(), z.string()).optional(),
    })
    .transform(({ headers, ...rest }) => (headers === undefined ? rest : { ...rest, headers })),
  z.strictObject({ delayMs: z.number().int().min(0).max(600_000) }),
  z.strictObject({ failure: z.enum(Object.keys(FAILURES) as [Failure, ...Failure[]]) }),
  z.enum(['hangup', 'lost', 'cut', 'hang']),
]);

export const faultSchema = z
  .strictObject({
    match: z
      .strictObject({
        method: z.string().optional(),
        path: z.string().min(1).optional(),
        operation: z.string().min(1).optional(),
      })
      .refine(
        ({ path, operation }) => path !== undefined || operation !== undefined,
        'path or operation is required',
      ),
    times: z.number().int().min(1).max(1_000_000).default(1),
    answer: answerSchema,
  })
  .refine(
    ({ match, answer }) => answer !== 'hang' || match.operation !== undefined,
    'hang is for operations: match.operation is required',
  );

const bucket = z.strictObject({ size: z.number().int().min(1), perSecond: z.number().positive() });

const operations = z.array(z.string().min(1));

export const conditionsSchema = z.strictObject({
  permissions: z
    .strictObject({
      actions: operations.default(['*']),
      notActions: operations.default([]),
      dataActions: operations.default(['*']),
      notDataActions: operations.default([]),
    })
    .optional(),
  missingMs: z.number().int().min(0).optional(),
  throttle: z
    .strictObject({ reads: bucket.optional(), writes: bucket.optional(), deletes: bucket.optional() })
    .optional(),
  clock: z.number().min(1).max(1_000_000).optional(),
});

const count = z.number().int().min(0).optional();
export const quotaSchema = z.strictObject({
  instanceType: z.string().min(1),
  cores: count,
  instances: count,
});

const fileSchema = z.strictObject({
  faults: z.array(faultSchema).default([]),
  conditions: conditionsSchema.default({}),
  quota: z.array(quotaSchema).default([]),
});

/** Orders what a YAML or JSON file says: `faults`, `conditions` and `quota`, each as the control API takes it. Throws with all mistakes. */
export async function orderFaults(ctx: EmulatorContext, path: string): Promise<void> {
  const read = fileSchema.safeParse(parse(await readFile(path, 'utf8')) ?? {});
  if (!read.success) throw new Error(`${path}:\n${z.prettifyError(read.error)}`);
  const { faults, conditions, quota } = read.data;
  for (const { match, answer, times } of faults) ctx.faults.add(match, answer, times);
  ctx.faults.conditions = conditions;
  for (const { instanceType, ...limit } of quota) setQuota(ctx, instanceType, limit);
}
