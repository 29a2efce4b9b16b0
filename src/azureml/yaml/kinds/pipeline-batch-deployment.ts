import type { z } from 'zod';
import { deploymentName } from '../deployment-parts.js';
import type { Json } from '../../types.js';
import { anything, choose, compact, fileObject, lowerWord, text } from '../fields.js';
import { kind } from '../kind.js';
import type { Assets, Place, Problem } from '../kind.js';
import { assetId, parseReference, prefixedReference, versionedReference } from '../references.js';

const componentReference = versionedReference('component');

const schema = fileObject({
  name: text,
  endpoint_name: text,
  component: choose((value) =>
    typeof value === 'string' && /\.ya?ml$/.test(value) && !value.startsWith('azureml:')
      ? text
      : componentReference,
  ).optional(),
  settings: anything.optional(),
  type: lowerWord(['pipeline', 'model']).optional(),
  job_definition: prefixedReference('job').optional(),
  tags: anything.optional(),
  description: text.optional(),
});
type Deployment = z.infer<typeof schema>;

/** `az ml batch-deployment create` with `type: pipeline`. */
export const pipelineBatchDeployment = kind<Deployment>({
  name: 'pipelineComponentBatchDeployment',
  family: 'batchDeployment',
  roles: ['setup', 'batchDeployment'],
  order: 9,
  detects: (value) => 'endpoint_name' in value && /^pipeline$/i.test(String(value['type'])),
  schema,
  check: async (deployment, place) => [...nothingToRun(deployment), ...(await checkFile(deployment, place))],
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

/** What is wrong with the pipeline component of a file. */
async function checkFile({ component }: Deployment, place: Place): Promise<Problem[]> {
  if (component === undefined || parseReference(component) !== undefined) return [];
  const path = ['component'];
  if (component.startsWith('file:')) {
    const fix = `write ${component.slice('file:'.length)}`;
    return [{ path, message: 'a component is named without file:', found: component, fix }];
  }
  const { loaded, mistakes } = await place.open(component, 'component');
  if (mistakes.some(({ severity }) => severity === 'error')) {
    return [{ path, message: 'the file that it names has mistakes', mistakes }];
  }
  if (loaded?.kind.name !== 'pipelineComponent') {
    const fix = 'name the file of a component with type: pipeline';
    return [{ path, message: 'this component is no pipeline', found: component, fix }];
  }
  return [
    {
      path,
      message:
        'the official client gives every such file the same name, azureml_anonymous:1, and never replaces it',
      fix: 'register the component and name it: azureml:<component>:<version>',
      severity: 'warning',
    },
  ];
}

async function componentId(deployment: Deployment, place: Place, assets: Assets): Promise<string> {
  const { component, job_definition: job = '' } = deployment;
  if (component !== undefined) {
    const reference = parseReference(component);
    if (reference !== undefined) return assetId(assets, 'components', reference);
    return fromFile(component, place, assets);
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

async function fromFile(file: string, place: Place, assets: Assets): Promise<string> {
  const { loaded } = await place.open(file, 'component');
  if (loaded === undefined) throw new Error(`${file} is no component`);
  const { body } = await loaded.kind.toRest(loaded.value, loaded.place, assets);
  return assets.register('components', 'azureml_anonymous', '1', body['properties'] as Json);
}
