import { z } from 'zod';
import { performanceMetrics } from '../domain/performance.js';
import { loosest } from '../domain/retraining.js';
import { condition, duration } from './values.js';

/** `monitor` of an environment. */

const cron = z
  .string()
  .regex(/^(@(hourly|daily|midnight|weekly|monthly|yearly|annually)|@every \d+(s|m|h)|(\S+\s+){4,6}\S+)$/, {
    error: 'must be a cron expression in UTC such as "0 6 * * *", or @hourly, @daily, @every 10m',
  });

const pValue = z.number().positive().max(1).optional();
const furtherThresholds = {
  psi: z.number().positive().optional().describe('Population Stability Index'),
  ks: pValue.describe('p-value of the Kolmogorov–Smirnov test, below which numbers have drifted'),
  chi_squared: pValue.describe('p-value of the χ² test, below which categories have drifted'),
};

const dataAsset = z.string().regex(/^azureml:[A-Za-z0-9][\w-]*(@latest|:[\w.-]+)$/, {
  error: 'must be azureml:<data asset>@latest or azureml:<data asset>:<version>',
});
const column = z.string().min(1);

const performance = z.strictObject({
  labels: dataAsset.describe('Data asset with what turned out to be true, a row a prediction'),
  id: column.optional().describe("Its column of requests' correlation ids; default correlationid"),
  label: column.describe('Its column of the truth'),
  prediction: column.optional().describe('Column of the predicted class in model_outputs; default output'),
  probability: column.optional().describe('Column of the probability of 1 in model_outputs'),
  require: z.partialRecord(z.enum(performanceMetrics), condition).optional(),
});

const predictions = z.strictObject({
  baseline: column.describe('Column of the baseline that the model predicts'),
  output: column.optional().describe('Column of model_outputs; default output'),
});

const retraining = z.strictObject({
  cooldown: duration
    .refine((ms) => ms >= loosest.cooldownMs, { error: 'must be an hour or longer' })
    .optional()
    .describe('Least time between two, from 1h; default 24h'),
  most: z.int().min(1).max(loosest.max).optional().describe('At most so many in 30 days; default 4'),
  fruitless: z
    .int()
    .min(1)
    .max(loosest.maxFruitless)
    .optional()
    .describe('After so many in a row of which none came to serve, a person decides; default 3'),
});

const limits = z.strictObject({
  queue: duration.optional().describe('Longest wait for compute; default 6h'),
  run: duration.optional().describe('Longest run; default 6h'),
});

/** Which keys fit each other is checked with the environment. */
const job = z.strictObject({
  compute: z
    .string()
    .regex(/^azureml:[A-Za-z][\w-]*$/, { error: 'must be azureml:<cluster>' })
    .optional()
    .describe('azureml:<cluster> of the workspace that serves; default: serverless compute'),
  instance_type: z.string().min(1).optional().describe('Of serverless compute'),
  environment: z
    .string()
    .regex(/^azureml:\S+(@latest|[:/][\w.-]+)$/, {
      error: 'must be azureml:<environment>@latest or azureml:<environment>:<version>',
    })
    .optional()
    .describe('With Node.js 20 or newer; default: one is built that has it from conda-forge'),
  limits: limits.optional(),
});

export const monitorObject = z.strictObject({
  schedule: cron.optional().describe('Cron, UTC; default 0 6 * * *'),
  window: duration.optional().describe('How far one look reaches back; default 24h'),
  baseline: dataAsset,
  on_breach: z.enum(['notify', 'retrain', 'rollback']).optional().describe('default notify'),
  retraining: retraining.optional().describe('Limits of on_breach: retrain'),
  thresholds: z
    .strictObject({
      numerical: z.number().positive().optional(),
      categorical: z.number().positive().max(1).optional(),
      ...furtherThresholds,
    })
    .optional()
    .describe('Drift distances: normalized Wasserstein, Jensen–Shannon; default 0.1'),
  mode: z.enum(['one-pass', 'exact']).optional().describe('default one-pass'),
  engine: z
    .enum(['worker', 'azureml'])
    .optional()
    .describe('What measures: the worker, or a job next to the data; default worker'),
  job: job.optional().describe('Of engine: azureml'),
  predictions: predictions.optional().describe('Drift of what the model answers'),
  performance: performance.optional().describe('With labels that come later'),
  min_rows: z.int().min(1).optional().describe('Fewer collected rows are a finding; default 500'),
});

/** The same once defaults have been worked in. */
export const fullMonitor = monitorObject
  .extend({
    thresholds: z.strictObject({
      numerical: z.number().positive(),
      categorical: z.number().positive(),
      ...furtherThresholds,
    }),
  })
  .required()
  .extend({
    mode: monitorObject.shape.mode,
    job: job.extend({ limits: limits.required() }).optional(),
    retraining: monitorObject.shape.retraining,
    predictions: monitorObject.shape.predictions,
    performance: monitorObject.shape.performance,
  });
