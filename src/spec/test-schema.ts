import { z } from 'zod';
import { batchInput, condition, duration, relativePath } from './values.js';

/** How a deployment is tested before anybody is served by it. */

export const jobLimits = z.strictObject({
  queue: duration.optional().describe('Longest wait for compute; default 12h'),
  run: duration.optional().describe('Longest run; default 3d'),
});

/** One object, so that a wrong key is told by itself; which keys fit each other is checked with the environment. */
export const testObject = z.strictObject({
  requests: relativePath
    .optional()
    .describe('Online endpoint: JSON file with one request body, or an array of them'),
  max_p95: duration.optional(),
  input: batchInput
    .optional()
    .describe('Batch endpoint: data asset, address or path that a new deployment scores first'),
  type: z.enum(['uri_file', 'uri_folder', 'mltable']).optional().describe('Of the input'),
  rows: condition.optional().describe('Rows of the output; default ">= 1"'),
  require: z.record(z.string(), condition).optional().describe('Metric that the job logs → bound'),
  limits: jobLimits.optional(),
});

/** Once defaults have been worked in. */
export const fullTest = z.union([
  testObject
    .pick({ input: true, type: true, rows: true, require: true })
    .required({ input: true, rows: true, require: true })
    .extend({ limits: jobLimits.required() }),
  testObject.pick({ requests: true, max_p95: true }).required({ requests: true }),
]);
