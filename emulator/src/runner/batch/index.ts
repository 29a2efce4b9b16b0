import { randomUUID } from 'node:crypto';
import type { EmulatorContext } from '../../context.js';
import { userError } from '../../errors.js';
import { workspaceIdOf } from '../../ids.js';
import { getResource } from '../../resources.js';
import type { Json, StoredResource } from '../../resources.js';
import { storeJob } from '../children.js';
import { jsonOf } from '../pipeline/json.js';
import { readInvocation } from './invocation.js';
import type { Invocation } from './invocation.js';
import { modelStep } from './model.js';

/** Starts what invocations of batch endpoints ask for. */
export interface Batch {
  /** `invocation`: `properties` of the request. Throws `UserError` for what cannot be run. */
  score(deployment: StoredResource, invocation: Json): Promise<StoredResource>;
}

/** Batch deployments run as pipelines: a model in one step `batchscoring`, a pipeline component as it is. */
export function createBatch(ctx: EmulatorContext, submit: (jobId: string) => void): Batch {
  return {
    async score(deployment, given) {
      const workspaceId = workspaceIdOf(deployment.id) ?? '';
      const invocation = readInvocation(given);
      const pipeline = isPipeline(deployment)
        ? pipelineOf(deployment, invocation)
        : await modelStep(ctx, workspaceId, deployment, invocation);
      const properties = {
        ...pipeline,
        jobType: 'Pipeline',
        displayName: invocation.jobName ?? deployment.name,
        experimentName: invocation.experimentName ?? deployment.id.split('/').at(-3),
        properties: { 'azureml.deploymentname': deployment.name },
      };
      const name = invocation.jobName ?? `batchjob-${randomUUID()}`;
      const job = storeJob(ctx, workspaceId, name, properties, deployment.systemData, {
        _batchDeployment: deployment.id.toLowerCase(),
      });
      submit(job.id);
      return getResource(ctx.store, job.id) ?? job;
    },
  };
}

function isPipeline({ properties }: StoredResource): boolean {
  const { deploymentConfigurationType } = jsonOf(properties['deploymentConfiguration']);
  return deploymentConfigurationType === 'PipelineComponent';
}

function pipelineOf({ properties, name }: StoredResource, { inputs, outputs }: Invocation): Json {
  const { componentId, settings } = jsonOf(properties['deploymentConfiguration']);
  const { assetId } = jsonOf(componentId);
  if (typeof assetId !== 'string') throw userError(`Deployment ${name} names no pipeline component.`);
  return { componentId: assetId, jobs: {}, settings: jsonOf(settings), inputs, outputs };
}
