import { z } from 'zod';
import { compact, fileObject, isMapping, object, text } from '../fields.js';
import { kind } from '../kind.js';
import type { Problem } from '../kind.js';
import { checkOnline, onlineRest, onlineShape } from '../online-deployment-parts.js';

/** Kubernetes' own name of a GPU stands for `gpu`. */
const amounts = z.preprocess(
  (value) => {
    if (!isMapping(value) || !('nvidia.com/gpu' in value)) return value;
    const { 'nvidia.com/gpu': gpu, ...rest } = value;
    return { ...rest, gpu };
  },
  object({ cpu: text.optional(), memory: text.optional(), gpu: text.optional() }, []),
);

const schema = fileObject({
  ...onlineShape,
  resources: object({ requests: amounts.optional(), limits: amounts.optional() }, []).optional(),
});
type Deployment = z.infer<typeof schema>;

/** `az ml online-deployment create` with `type: kubernetes`. */
export const kubernetesOnlineDeployment = kind<Deployment>({
  name: 'kubernetesOnlineDeployment',
  family: 'onlineDeployment',
  roles: ['deployment'],
  order: 9,
  detects: (value) => 'endpoint_name' in value && value['type'] === 'kubernetes',
  schema,
  check: async (deployment, place) => [
    ...fromRegistry(deployment),
    ...(await checkOnline(deployment, place)),
  ],
  toRest(deployment, place, assets) {
    const { resources } = deployment;
    const own = compact({
      endpointComputeType: 'Kubernetes',
      containerResourceRequirements:
        resources === undefined
          ? undefined
          : compact({
              containerResourceRequests: resources.requests,
              containerResourceLimits: resources.limits,
            }),
    });
    return onlineRest(deployment, place, assets, own);
  },
});

function fromRegistry(deployment: Deployment): Problem[] {
  return (['model', 'environment'] as const).flatMap((key): Problem[] => {
    const value = deployment[key];
    if (typeof value !== 'string' || !value.startsWith('azureml://registries/')) return [];
    const fix = `copy the ${key} to the workspace and name it azureml:<${key}>:<version>`;
    return [{ path: [key], message: 'Kubernetes takes nothing from a registry', found: value, fix }];
  });
}
