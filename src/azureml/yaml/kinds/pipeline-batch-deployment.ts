import type { z } from 'zod';
import { deploymentName } from '../deployment-parts.js';
import { anything, compact, fileObject, firstOf, lowerWord, text } from '../fields.js';
import { kind } from '../kind.js';
import type { Assets, Place, Problem } from '../kind.js';
import { assetId, parseReference, prefixedReference, versionedReference } from '../references.js';

const schema = fileObject({
  name: text,
  endpoint_name: text,
  component: versionedReference('component').optional(),
  settings: anything.optional(),
  type: lowerWord(['pipeline', 'model']).optional(),
  job_definition: firstOf<string>(prefixedReference('job')).optional(),
  tags: anything.optional(),
  description: text.optional(),
});
type Deployment = z.infer<typeof schema>;

/** `az ml batch-deployment create` with `type: pipeline`. */
export const pipelineBatchDeployment = kind<Deployment>({
  name: 'pipelineComponentBatchDeployment',
  family: 'batchDeployment',
  roles: ['setup'],
  order: 9,
  detects: (value) => 'endpoint_name' in value && value['type'] === 'pipeline',
  schema,
  check: (deployment) => Promise.resolve(nothingToRun(deployment)),
  async toRest(deployment, place, assets) {
    const body = {
      location: await assets.location(),
      tags: deployment.tags ?? {},
      properties: compact({
        deploymentConfiguration: compact({
          settings: deployment.settings,
          componentId: { assetId: await componentId(deployment, place, assets), referenceType: 'Id' },
          deploymentConfigurationType: 'PipelineComponent',
        }),
        description: deployment.description,
        // The official client always sends these, and they mean nothing to a pipeline.
        errorThreshold: -1,
        maxConcurrencyPerInstance: 1,
        miniBatchSize: 10,
        outputFileName: 'predictions.csv',
      }),
    };
    const name = deploymentName(deployment);
    return { resource: `/batchEndpoints/${deployment.endpoint_name}/deployments/${name}`, body };
  },
});

function nothingToRun({ component, job_definition: job }: Deployment): Problem[] {
  if (component !== undefined || job !== undefined) return [];
  const message = 'names neither a component nor a job_definition';
  return [{ path: [], message, fix: 'add component: azureml:<component>:<version>' }];
}

async function componentId(deployment: Deployment, _place: Place, assets: Assets): Promise<string> {
  const { component, job_definition: job = '' } = deployment;
  if (component !== undefined) {
    const reference = parseReference(component);
    if (reference !== undefined) return assetId(assets, 'components', reference);
  }
  const source = job.replace(/^azureml:/, '');
  return assets.register('components', 'azureml_anonymous', '1', {
    componentSpec: {
      source_job_id: source,
      name: 'azureml_anonymous',
      version: '1',
      type: 'pipeline',
      _source: 'CLASS',
      jobs: {},
      sourceJobId: source,
    },
    isAnonymous: true,
    properties: {},
    tags: {},
  });
}
