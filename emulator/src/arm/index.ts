import type { FastifyInstance } from 'fastify';
import type { EmulatorContext } from '../context.js';
import { ASSET_KINDS } from './asset-kinds.js';
import { assetTypes } from './assets.js';
import { computeType } from './computes.js';
import { datastoreType } from './datastores.js';
import { deploymentType } from './deployments.js';
import { endpointType } from './endpoints.js';
import { jobType } from './jobs.js';
import { createOperations } from './operations.js';
import { providerTypes } from './providers.js';
import { createDispatch, registerRoutes } from './router.js';
import { scheduleType } from './schedules.js';
import { createScopes } from './scopes.js';
import { templateDeploymentType, templateOperationsType } from './template-deployments.js';
import type { ArmServices, DeploymentHost, JobRunner } from './types.js';
import { workspaceType } from './workspaces.js';

export interface Arm {
  /** Runs again the operations that the last process left unfinished; to be called once services can run. */
  recover(): void;
  stop(): Promise<void>;
}

/** Resource Manager with the resource types of Azure ML and their neighbours, under `/subscriptions`. */
export function registerArm(
  app: FastifyInstance,
  ctx: EmulatorContext,
  runner: JobRunner,
  deployments: DeploymentHost,
): Arm {
  const operations = createOperations(ctx);
  const arm: ArmServices = { ctx, operations, runner, deployments };
  const types = [
    templateDeploymentType(arm, () => dispatch),
    templateOperationsType(arm),
    ...providerTypes(arm),
    workspaceType(arm),
    computeType(arm),
    datastoreType(arm),
    ...ASSET_KINDS.flatMap((kind) => assetTypes(arm, kind)),
    jobType(arm),
    endpointType(arm),
    deploymentType(arm),
    scheduleType(arm),
  ];
  const dispatch = createDispatch(arm, types, createScopes(arm));
  registerRoutes(app, dispatch);
  return {
    recover: () => {
      operations.recover();
    },
    stop: () => operations.stop(),
  };
}
