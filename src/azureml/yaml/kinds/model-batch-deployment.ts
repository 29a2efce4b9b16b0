import type { z } from 'zod';
import { batchRest, batchSettings, batchShape, checkBatch } from '../batch-deployment-parts.js';
import { anything, fileObject, integer, lowerWord, object, text } from '../fields.js';
import { kind } from '../kind.js';

const schema = fileObject({
  ...batchShape,
  compute: text,
  error_threshold: integer.optional(),
  type: lowerWord(['model', 'pipeline']).optional(),
  settings: object(
    {
      ...batchSettings,
      mini_batch_size: integer,
      instance_count: integer.optional(),
      environment_variables: anything.optional(),
    },
    [],
  ).optional(),
});
type Deployment = z.infer<typeof schema>;

/** `az ml batch-deployment create` with `type: model`. */
export const modelBatchDeployment = kind<Deployment>({
  name: 'modelBatchDeployment',
  family: 'batchDeployment',
  roles: ['setup', 'batchDeployment'],
  order: 9,
  detects: (value) =>
    'endpoint_name' in value &&
    (/^model$/i.test(String(value['type'])) || (!('type' in value) && 'settings' in value && !runs(value))),
  schema,
  check: (deployment, place) => checkBatch(deployment, deployment.settings ?? {}, ['settings'], place),
  toRest: (deployment, place, assets) => batchRest(deployment, deployment.settings ?? {}, place, assets),
});

/** Whether it names what a pipeline's deployment runs; such a one has settings too. */
function runs(value: Readonly<Record<string, unknown>>): boolean {
  return 'component' in value || 'job_definition' in value;
}
