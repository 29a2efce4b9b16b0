import type { Kind, Role } from './kind.js';
import { amlCompute } from './kinds/aml-compute.js';
import { autoMlJob } from './kinds/automl-job.js';
import { batchDeployment } from './kinds/batch-deployment.js';
import { batchEndpoint } from './kinds/batch-endpoint.js';
import { commandComponent } from './kinds/command-component.js';
import { commandJob } from './kinds/command-job.js';
import { computeInstance } from './kinds/compute-instance.js';
import { connection } from './kinds/connection.js';
import { data } from './kinds/data.js';
import { importedData } from './kinds/data-import.js';
import { datastores } from './kinds/datastore.js';
import { environment } from './kinds/environment.js';
import { fineTuningJob } from './kinds/fine-tuning-job.js';
import { importSchedule } from './kinds/import-schedule.js';
import { kubernetesCompute } from './kinds/kubernetes-compute.js';
import { kubernetesOnlineDeployment } from './kinds/kubernetes-online-deployment.js';
import { marketplaceSubscription } from './kinds/marketplace-subscription.js';
import { model } from './kinds/model.js';
import { modelBatchDeployment } from './kinds/model-batch-deployment.js';
import { parallelComponent } from './kinds/parallel-component.js';
import { pipelineComponent } from './kinds/pipeline-component.js';
import { pipelineJob } from './kinds/pipeline-job.js';
import { sparkComponent } from './kinds/spark-component.js';
import { sparkJob } from './kinds/spark-job.js';
import { schedule } from './kinds/schedule.js';
import { sweepJob } from './kinds/sweep-job.js';
import { managedOnlineDeployment } from './kinds/online-deployment.js';
import { kubernetesOnlineEndpoint, managedOnlineEndpoint } from './kinds/online-endpoint.js';
import { monitorSchedule } from './kinds/monitor-schedule.js';
import { pipelineBatchDeployment } from './kinds/pipeline-batch-deployment.js';
import { registry } from './kinds/registry.js';
import { serverlessEndpoint } from './kinds/serverless-endpoint.js';
import { synapseSparkCompute } from './kinds/synapse-spark-compute.js';
import { workspace } from './kinds/workspace.js';
import { vmCompute } from './kinds/vm-compute.js';

/** Every kind of file that is understood. A new one is a file in kinds/ and a line here. */
export const kinds: readonly Kind[] = [
  commandJob,
  pipelineJob,
  sweepJob,
  sparkJob,
  autoMlJob,
  fineTuningJob,
  commandComponent,
  pipelineComponent,
  sparkComponent,
  parallelComponent,
  managedOnlineEndpoint,
  kubernetesOnlineEndpoint,
  modelBatchDeployment,
  pipelineBatchDeployment,
  batchDeployment,
  kubernetesOnlineDeployment,
  managedOnlineDeployment,
  batchEndpoint,
  amlCompute,
  computeInstance,
  kubernetesCompute,
  vmCompute,
  synapseSparkCompute,
  connection,
  ...datastores,
  registry,
  workspace,
  serverlessEndpoint,
  marketplaceSubscription,
  model,
  environment,
  importSchedule,
  monitorSchedule,
  importedData,
  data,
  schedule,
];

export interface Wanted {
  readonly role?: Role;
  readonly family?: string;
}

export function possibleKinds({ role, family }: Wanted): readonly Kind[] {
  return kinds.filter(
    (one) =>
      (role === undefined || one.roles.includes(role)) && (family === undefined || one.family === family),
  );
}

/**
 * Kind of a file's contents. As in the official client what is in the file decides, and the name in `$schema` only
 * where that is not enough; a file with one possible kind in its role needs neither.
 */
export function kindOf(value: Readonly<Record<string, unknown>>, wanted: Wanted = {}): Kind | undefined {
  const possible = possibleKinds(wanted);
  const schema = schemaName(value['$schema']);
  const named = possible.find((one) => one.name.toLowerCase() === schema);
  const family = familyOf(named, possible, kinds.length > possible.length);
  return (
    family?.find((one) => one.detects(value)) ??
    named ??
    family?.[0] ??
    possible.find((one) => one.detects(value))
  );
}

/** Kinds among which the contents decide: those of the named one's family, or all where a single one is wanted. */
function familyOf(named: Kind | undefined, possible: readonly Kind[], isWanted: boolean) {
  const [first] = possible;
  if (named !== undefined)
    return named.family === undefined ? undefined : possible.filter(({ family }) => family === named.family);
  if (!isWanted || first === undefined) return undefined;
  const isOne = possible.every(({ family }) => family !== undefined && family === first.family);
  return isOne || possible.length === 1 ? possible : undefined;
}

/** `https://azuremlschemas.azureedge.net/latest/commandJob.schema.json` → `commandjob` */
function schemaName(schema: unknown): string | undefined {
  if (typeof schema !== 'string') return undefined;
  return /([^/]+?)(?:\.schema)?\.json$/.exec(schema)?.[1]?.toLowerCase();
}
