import { z } from 'zod';
import { measuredJob } from './job-schema.js';
import { condition, gatePattern, relativePath } from './values.js';

/** `gate`: what a candidate must show to become a model. */

const evaluateObject = measuredJob.extend({
  confidence: z
    .number()
    .min(0.5)
    .max(0.999)
    .optional()
    .describe('How sure min_improvement must be by a paired bootstrap; default: the interval only informs'),
  resamples: z.int().min(200).max(20_000).optional().describe('Draws of the bootstrap; default 2000'),
});

const gateObject = z.strictObject({
  metric: z.string().min(1).describe('Metric that ranks the candidates'),
  goal: z.enum(['maximize', 'minimize']).optional(),
  require: z.record(z.string(), condition).optional().describe('Metric → bound, e.g. ">= 0.75"'),
  min_improvement: z
    .number()
    .optional()
    .describe("How much better than the champion, in the metric's unit; below 0: how much worse it may be"),
  max_slice_loss: z
    .number()
    .min(0)
    .optional()
    .describe("How much worse than the champion any slice may be, such as AUC.under_40; the metric's unit"),
  evaluate: z
    .union([relativePath, evaluateObject])
    .optional()
    .describe('Job that scores one model, its input `model`: candidates and champion, on the same data'),
});

const gateText = z.string().regex(gatePattern, { error: 'must be a comparison such as AUC >= 0.75' });

export const gate = z.union([gateText, gateObject]);

/** Once short forms and defaults have been worked in. */
export const fullGate = gateObject
  .required({ goal: true, require: true, min_improvement: true })
  .extend({ evaluate: evaluateObject.required({ set: true, resamples: true }).optional() });
