import { z } from 'zod';
import { relativePath } from './values.js';

/** How `mlops.yaml` names CLI v2 files. */

export const set = z
  .record(z.string(), z.unknown())
  .describe('Overrides of the file, as `az ml --set path=value` takes them');

export const fileObject = z.strictObject({ file: relativePath, set: set.optional() });
export const fileRef = z
  .union([relativePath, fileObject])
  .describe('A CLI v2 YAML file, relative to this one');

/** A job whose run logs metrics. */
export const measuredJob = z.strictObject({
  job: relativePath.describe('CLI v2 job file'),
  set: set.optional(),
  metrics_from: z
    .string()
    .regex(/^jobs\.[A-Za-z0-9_]+$/, { error: 'must be jobs.<step> of the pipeline' })
    .optional()
    .describe('Step of a pipeline whose run logs the metrics'),
});
