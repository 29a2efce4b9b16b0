import {
  archiveModel,
  type AzureMl,
  beginDeleteDeployment,
  deleteModel,
  deleteOutputs,
  deleteRecord,
  getEndpoint,
  servedModels,
  waitForOperation,
  workspaceHash,
} from '../../azureml/index.js';
import { endpointId } from '../../domain/keys.js';
import { type EndpointKind, endpointKinds } from '../../domain/project.js';
import { neededByOwner, type UpkeepVerdict } from '../../domain/upkeep.js';
import type { Temporal } from '../temporal.js';
import { neededModels, ownerOf } from './owners.js';

/** Does what was judged; looks once more first, since minutes may have passed. Answers why it did not. */
export async function carryOut(
  temporal: Pick<Temporal, 'client'>,
  ml: AzureMl,
  { kind, id, action }: UpkeepVerdict,
): Promise<string | undefined> {
  switch (kind) {
    case 'deployment':
      return await removeDeployment(temporal, ml, id);
    case 'model':
      return await removeModel(temporal, ml, id, action);
    case 'outputs':
      await deleteOutputs(ml, id);
      return undefined;
    case 'schedule':
      await temporal.client.schedule.getHandle(id).delete();
      return undefined;
    case 'record':
      await deleteRecord(ml, id);
      return undefined;
  }
}

async function removeDeployment(
  temporal: Pick<Temporal, 'client'>,
  ml: AzureMl,
  id: string,
): Promise<string | undefined> {
  const [endpoint = '', deployment = ''] = id.split('/');
  const owner = await ownerOf(temporal, endpointId(workspaceHash(ml.target), endpoint));
  if (owner === undefined || owner === 'silent') return 'the owner of its endpoint does not answer any more';
  const need = neededByOwner(owner, deployment);
  if (need !== undefined) return need;
  for (const kind of endpointKinds) {
    const problem = await removeFrom(ml, kind, endpoint, deployment);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function removeFrom(
  ml: AzureMl,
  kind: EndpointKind,
  endpoint: string,
  deployment: string,
): Promise<string | undefined> {
  const now = await getEndpoint(ml, endpoint, kind);
  if (now === undefined) return undefined;
  if ((now.traffic[deployment] ?? 0) + (now.mirrorTraffic[deployment] ?? 0) > 0) return 'it serves now';
  await waitForOperation(ml, await beginDeleteDeployment(ml, endpoint, deployment, kind));
  return undefined;
}

async function removeModel(
  temporal: Pick<Temporal, 'client'>,
  ml: AzureMl,
  id: string,
  action: UpkeepVerdict['action'],
): Promise<string | undefined> {
  const [name = '', version = ''] = id.split(':');
  if ((await servedModels(ml)).has(id)) return 'it serves now';
  const needed = await neededModels(temporal);
  if (needed === undefined) return 'the owner of an endpoint does not answer any more';
  if (needed[id] !== undefined) return needed[id];
  if (action === 'archive') await archiveModel(ml, { name, version });
  else await deleteModel(ml, name, version);
  return undefined;
}
