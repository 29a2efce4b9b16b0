import {
  type AzureMl,
  ensureModelCopy,
  type PreparedDeployment,
  prepareDeployment,
} from '../azureml/index.js';
import type { EndpointKind } from '../domain/project.js';
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
  const model = await ensureModelCopy(workspaces.client(release.model.workspace), ml, release.model);
  const { deployment } = environmentOf(open, release.environment);
  const tags = workTags(release);
  return await prepareDeployment(ml, open.files, deployment, { endpoint, kind, model, tags });
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
