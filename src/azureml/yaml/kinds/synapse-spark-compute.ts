import type { z } from 'zod';
import { computeReadOnly, computeRest, computeShape, isCompute } from '../compute-parts.js';
import { compact, fileObject, text } from '../fields.js';
import { computeIdentity } from '../identities.js';
import { kind } from '../kind.js';

const schema = fileObject(
  {
    ...computeShape('synapsespark'),
    resource_id: text,
    identity: computeIdentity.optional(),
    // What may stand in these is the pool's own, and is dropped.
    scale_settings: fileObject({}, ['min_node_count', 'max_node_count', 'auto_scale_enabled']).optional(),
    auto_pause_settings: fileObject({}, ['delay_in_minutes', 'auto_pause_enabled']).optional(),
  },
  [...computeReadOnly, 'node_family', 'node_size', 'node_count', 'spark_version'],
);

/** `az ml compute attach --type SynapseSpark`. */
export const synapseSparkCompute = kind<z.infer<typeof schema>>({
  name: 'synapseSparkCompute',
  family: 'compute',
  roles: ['setup'],
  order: 1,
  detects: isCompute('synapsespark'),
  schema,
  toRest: (compute, _place, assets) =>
    computeRest(
      compute,
      compact({
        computeType: 'SynapseSpark',
        resourceId: compute.resource_id,
        description: compute.description,
      }),
      assets,
    ),
});
