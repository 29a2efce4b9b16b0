import { z } from 'zod';
import type { Measured } from '../../domain/monitoring.js';

/** JSON knows no such numbers, and a distance can be one. */
const unsaid = ['NaN', 'Infinity', '-Infinity'] as const;
const number = z.union([z.number(), z.enum(unsaid).transform(Number)]);
const share = z.number().min(0).max(1);
const optional = z.exactOptional;

const verdict = z.enum(['ok', 'breach', 'missing_data']);
const metric = z.enum([
  'NormalizedWassersteinDistance',
  'JensenShannonDistance',
  'PopulationStabilityIndex',
  'TwoSampleKolmogorovSmirnovTest',
  'PearsonsChiSquaredTest',
]);
const histogram = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('bins'), edges: z.array(number), shares: z.array(number) }),
  z.object({ kind: z.literal('categories'), labels: z.array(z.string()), shares: z.array(number) }),
]);
const distribution = z.object({
  ...{ count: number, nulls: share, histogram },
  ...{ mean: optional(number), sd: optional(number), min: optional(number), max: optional(number) },
});
const statistic = z.object({
  ...{ metric, value: number, error: number },
  ...{ gap: optional(number), threshold: optional(number) },
});
const feature = z.object({
  ...{ feature: z.string(), type: z.enum(['numerical', 'categorical']) },
  ...{ metric, value: number, threshold: number, breached: z.boolean() },
  ...{ statistics: z.array(statistic), baseline: distribution, current: distribution },
});
const finding = z.object({
  kind: z.enum([
    ...(['missing_data', 'not_in_requests', 'schema', 'not_compared', 'unreadable'] as const),
    ...(['nulls', 'type', 'range', 'category'] as const),
  ]),
  feature: optional(z.string()),
  message: z.string(),
});
const drift = z.object({
  ...{ verdict, window: z.object({ fromMs: z.number(), toMs: z.number() }), summary: z.string() },
  ...{ rows: z.number(), minRows: z.number(), baselineRows: z.number() },
  ...{ features: z.array(feature), dataQuality: z.array(finding) },
});
const performance = z.object({
  ...{ labelled: z.number(), predictions: z.number(), metrics: z.record(z.string(), number) },
  ...{ verdict, checks: z.array(z.string()) },
});

const measured = z.object({
  drift,
  predictions: optional(drift),
  performance: optional(performance),
}) satisfies z.ZodType<Measured>;

export function writeMeasured(found: Measured): string {
  return JSON.stringify(found, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

/** @throws for a text that is not what a job writes. */
export function readMeasured(text: string): Measured {
  return measured.parse(JSON.parse(text));
}
