import type { z } from 'zod';
import { batchRest, batchSettings, batchShape, checkBatch } from '../batch-deployment-parts.js';
import { compact, fileObject, lowerWord } from '../fields.js';
import { kind } from '../kind.js';

const schema = fileObject(
  {
    ...batchShape,
    ...batchSettings,
    type: lowerWord(['model', 'pipeline']).optional(),
  },
  ['creation_context', 'provisioning_state'],
);
type Deployment = z.infer<typeof schema>;

/** `az ml batch-deployment create` without `type`: the first form, whose settings stand at the top. */
export const batchDeployment = kind<Deployment>({
  name: 'batchDeployment',
  family: 'batchDeployment',
  roles: ['setup', 'batchDeployment'],
  order: 9,
  detects: (value) =>
    'endpoint_name' in value &&
    value['type'] === undefined &&
    ['compute', 'mini_batch_size', 'output_action', 'retry_settings'].some((key) => key in value),
  schema,
  check: (deployment, place) => checkBatch(deployment, deployment, [], place),
  toRest: (deployment, place, assets) =>
    batchRest(
      deployment,
      compact({ ...deployment, environment_variables: deployment.environment_variables ?? {} }),
      place,
      assets,
    ),
});
