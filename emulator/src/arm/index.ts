import type { FastifyInstance } from 'fastify';
import type { EmulatorContext } from '../context.js';
import { ASSET_KINDS } from './asset-kinds.js';
import { assetTypes } from './assets.js';
import { batchDeploymentType, batchEndpointType } from './batch.js';
import { batchJobTypes, registerBatchInvoke } from './batch-jobs.js';
import { computeType } from './computes.js';
import { datastoreType } from './datastores.js';
import { deploymentType } from './deployments.js';
import { endpointType } from './endpoints.js';
import { jobType } from './jobs.js';
import { locationTypes } from './locations.js';
import { createOperations } from './operations.js';
import { providerTypes } from './providers.js';
import { registryTypes } from './registries.js';
import { outboundRuleType } from './outbound-rules.js';
import { createDispatch, registerGenericAssets, registerRoutes } from './router.js';
import type { StoredResource } from '../resources.js';
import { fireSchedule, scheduleType } from './schedules.js';
import { createScopes } from './scopes.js';
import { templateDeploymentType, templateOperationsType } from './template-deployments.js';
import type { ArmServices, BatchScoring, DeploymentHost, JobRunner } from './types.js';
import { workspaceType } from './workspaces.js';

export interface Arm {
  /** The resource types that are answered, as `docs/emulator.md` lists them. */
  readonly types: readonly string[];
  /** Runs again the operations that the last process left unfinished; to be called once services can run. */
  recover(): void;
  /** Submits the job of a schedule that was due at a time (milliseconds since 1970). */
  fireSchedule(schedule: StoredResource, due: number): Promise<void>;
  stop(): Promise<void>;
}

/** Resource Manager with the resource types of Azure ML and their neighbours, under `/subscriptions`. */
export function registerArm(
  app: FastifyInstance,
  ctx: EmulatorContext,
  runner: JobRunner,
  deployments: DeploymentHost,
  batch?: BatchScoring,
): Arm {
  const operations = createOperations(ctx);
  const arm: ArmServices = { ctx, operations, runner, deployments, batch };
  const types = [
    templateDeploymentType(arm, () => dispatch),
    templateOperationsType(arm),
    ...providerTypes(arm),
    outboundRuleType(arm),
    workspaceType(arm),
    computeType(arm),
    datastoreType(arm),
    ...ASSET_KINDS.flatMap((kind) => assetTypes(arm, kind)),
    jobType(arm),
    endpointType(arm),
    deploymentType(arm),
    batchEndpointType(arm),
    batchDeploymentType(arm),
    ...batchJobTypes(arm),
    scheduleType(arm, () => dispatch),
    ...registryTypes(arm),
    ...locationTypes(arm),
  ];
  const dispatch = createDispatch(arm, types, createScopes(arm));
  registerRoutes(app, dispatch);
  registerGenericAssets(app);
  registerBatchInvoke(app, arm);
  return {
    types: types.map(({ type }) => type),
    recover: () => {
      operations.recover();
    },
    fireSchedule: (schedule, due) => fireSchedule(ctx, dispatch, schedule, due),
    stop: () => operations.stop(),
  };
}
