import type { z } from 'zod';
import type { Json } from '../types.js';
import { seconds } from './durations.js';
import { checkDeployment, dependencies, deploymentName, deploymentShape } from './deployment-parts.js';
import { compact, integer, lowerWord, object, pascal, text } from './fields.js';
import { resources, resourcesBody } from './job-parts.js';
import type { Assets, Place, Problem, Rest } from './kind.js';
import type { Path } from './parse.js';
import { computeId } from './references.js';

/** How a batch deployment of a model goes about its work. */
export const batchSettings = {
  error_threshold: integer.optional(),
  retry_settings: object({ max_retries: integer.optional(), timeout: integer.optional() }, []).optional(),
  mini_batch_size: integer.optional(),
  logging_level: text.optional(),
  output_action: lowerWord(['append_row', 'summary_only']).optional(),
  output_file_name: text.optional(),
  max_concurrency_per_instance: integer.optional(),
};

type Settings = z.output<z.ZodObject<typeof batchSettings>> & {
  readonly instance_count?: number | undefined;
  readonly environment_variables?: Json | undefined;
};

export const batchShape = {
  ...deploymentShape,
  compute: text.optional(),
  resources: resources.optional(),
};

type Deployment = z.output<z.ZodObject<typeof batchShape>>;

/** `at`: where the settings stand in the file. */
export async function checkBatch(
  deployment: Deployment,
  settings: Settings,
  at: Path,
  place: Place,
): Promise<Problem[]> {
  const problems = (await checkDeployment(deployment, place)).filter(
    // Their names are not looked at before Azure does.
    ({ path }) => path.length !== 1 || path[0] !== 'name',
  );
  if (settings.output_action === 'summary_only' && (settings.output_file_name ?? '') !== '') {
    problems.push({
      path: [...at, 'output_file_name'],
      message: 'a summary has no file: output_file_name stands beside output_action: summary_only',
      fix: 'remove output_file_name, or write output_action: append_row',
    });
  }
  if (deployment.resources !== undefined && (settings.instance_count ?? 0) !== 0) {
    problems.push({
      path: [...at, 'instance_count'],
      message: 'stands beside resources',
      fix: 'write resources.instance_count alone',
    });
  }
  return problems;
}

export async function batchRest(
  deployment: Deployment,
  settings: Settings,
  place: Place,
  assets: Assets,
): Promise<Rest> {
  const { model, ...rest } = await dependencies(deployment, place, assets);
  const { retry_settings: retry, output_action: action, instance_count: count } = settings;
  const machines = deployment.resources ?? (count ? { instance_count: count } : undefined);
  const properties = compact({
    ...rest,
    model: model === undefined ? undefined : { assetId: model, referenceType: 'Id' },
    description: deployment.description,
    compute: deployment.compute === undefined ? undefined : computeId(assets.workspace, deployment.compute),
    resources: machines === undefined ? undefined : resourcesBody(machines),
    outputFileName: settings.output_file_name,
    outputAction: action === undefined ? undefined : pascal(action),
    errorThreshold: settings.error_threshold,
    retrySettings:
      retry === undefined
        ? undefined
        : compact({ maxRetries: retry.max_retries, timeout: seconds(retry.timeout) }),
    loggingLevel: settings.logging_level,
    miniBatchSize: settings.mini_batch_size,
    maxConcurrencyPerInstance: settings.max_concurrency_per_instance,
    environmentVariables: settings.environment_variables,
    properties: deployment.properties ?? {},
  });
  const body = { location: await assets.location(), properties, tags: deployment.tags ?? {} };
  return {
    resource: `/batchEndpoints/${deployment.endpoint_name}/deployments/${deploymentName(deployment)}`,
    body,
  };
}
