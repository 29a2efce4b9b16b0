import { z } from 'zod';
import { computeReadOnly, computeRest, computeShape, isCompute } from '../compute-parts.js';
import { anything, compact, fileObject, isMapping, text } from '../fields.js';
import { computeIdentity } from '../identities.js';
import { kind } from '../kind.js';

const schema = fileObject(
  {
    ...computeShape('kubernetes'),
    namespace: text.optional(),
    properties: z.looseObject({ properties: anything.optional() }).optional(),
    identity: computeIdentity.optional(),
  },
  computeReadOnly,
);

/** `az ml compute attach --type Kubernetes`. */
export const kubernetesCompute = kind<z.infer<typeof schema>>({
  name: 'kubernetesCompute',
  family: 'compute',
  roles: ['setup'],
  order: 1,
  detects: isCompute('kubernetes'),
  schema,
  async toRest(compute, _place, assets) {
    const { namespace = 'default', properties = {} } = compute;
    const inner = properties['properties'];
    const properly = isMapping(inner) ? { ...properties, properties: { ...inner, namespace } } : properties;
    const body = compact({
      resourceId: compute.resource_id,
      computeLocation: await assets.location(),
      description: compute.description,
      properties: { ...properly, namespace },
      computeType: 'Kubernetes',
    });
    return computeRest(compute, body, assets);
  },
});
