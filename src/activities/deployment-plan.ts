import { ApplicationFailure } from '@temporalio/common';
import {
  type AzureMl,
  ensureModelCopy,
  environmentNamed,
  findShared,
  type ModelView,
  type PreparedDeployment,
  prepareDeployment,
  type SharedModel,
  sharedEnvironment,
} from '../azureml/index.js';
import type { EndpointKind, FileRef } from '../domain/project.js';
import type { Release } from '../domain/release.js';
import type { Dependencies } from './dependencies.js';
import { environmentOf, type OpenProject, openProject } from './projects.js';
import { workTags } from '../domain/tags.js';
import type { Workspaces } from './workspaces.js';

/** The model in the target workspace, and the deployment that would be made of it. */
export async function plan(
  deps: Dependencies,
  workspaces: Workspaces,
  release: Release,
): Promise<PreparedDeployment> {
  const open = await openProject(deps, release);
  const { ml, endpoint, kind } = placeOf(workspaces, open, release);
  const shared = await sharedFor(ml, open, release);
  const model =
    shared === undefined
      ? await ensureModelCopy(workspaces.client(release.model.workspace), ml, release.model)
      : { name: shared.name, version: shared.version, reference: shared.id };
  const { deployment } = environmentOf(open, release.environment);
  const environment = shared === undefined ? undefined : await environmentFor(ml, open, deployment, kind);
  return await prepareDeployment(ml, open.files, deployment, {
    ...{ endpoint, kind, model, tags: workTags(release) },
    ...(environment !== undefined && { environment }),
  });
}

/** The registry's environment, where the deployment's file names one that its workspace does not have. */
async function environmentFor(
  ml: AzureMl,
  { files, grant: { registry } }: OpenProject,
  deployment: FileRef,
  kind: EndpointKind,
): Promise<string | undefined> {
  const named = await environmentNamed(files, deployment, kind);
  return registry === undefined || named === undefined
    ? undefined
    : await sharedEnvironment(ml, registry, named);
}

/**
 * The release's model in the project's registry, where its environment serves it from there; undefined where the
 * environment's workspace holds the model itself, or models cross blob to blob.
 */
export async function sharedFor(
  ml: AzureMl,
  { grant: { registry } }: OpenProject,
  { model }: Release,
): Promise<(ModelView & SharedModel) | undefined> {
  if (registry === undefined || model.workspace === ml.target.alias) return undefined;
  const found = await findShared(ml, registry, model);
  if (found !== undefined) return found;
  throw ApplicationFailure.nonRetryable(
    `registry ${registry.name} holds no ${model.name}:${model.version}; the lifecycle that registers or releases it puts it there`,
    'NotFound',
  );
}

/** Where a release's environment serves. */
export function placeOf(
  workspaces: Workspaces,
  open: OpenProject,
  { environment }: Release,
): { ml: AzureMl; endpoint: string; kind: EndpointKind } {
  const target = open.endpoints[environment];
  if (target === undefined) throw new Error(`environment ${environment} has no endpoint`);
  const { workspace, endpoint, kind = 'online' } = target;
  return { ml: workspaces.client(workspace), endpoint, kind };
}
