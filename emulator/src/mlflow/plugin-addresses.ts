import type { EmulatorContext } from '../context.js';
import { getResource } from '../resources.js';
import { artifactLocation, resolveUri } from '../runner/uris.js';
import type { BlobLocation } from '../runner/uris.js';
import { loggedModelLocation } from './logged-models.js';
import { loggedModelsOf, workspaceAt } from './workspace.js';
import type { Workspace } from './workspace.js';

/**
 * Microsoft's plug-in reads and writes files below `…/experiments/E/runs/R/artifacts` alone, by run history. So models
 * have such an address as well: in the place of the run stands the id of a logged model, or a version as `NAME:VERSION`,
 * which no run can be called.
 */
export function pluginAddress(ws: Workspace, experiment: string, holder: string): string {
  const place = `experiments/${encodeURIComponent(experiment)}/runs/${holder}`;
  return `azureml://${ws.plugin ?? ''}/mlflow/v2.0${ws.id}/${place}/artifacts`;
}

/** The files of a run, a logged model or a version of a registered one, as `holder` of such an address names it. */
export function filesOf(ctx: EmulatorContext, workspaceId: string, holder: string): BlobLocation {
  const [name = '', version] = holder.split(':');
  if (version !== undefined) {
    const model = getResource(ctx.store, `${workspaceId}/models/${name}/versions/${version}`);
    if (model !== undefined) return resolveUri(ctx, workspaceId, String(model.properties['modelUri']));
  } else if (holder.startsWith('m-')) {
    const ws = workspaceAt(ctx, workspaceId);
    if (loggedModelsOf(ws).get(holder) !== undefined) return loggedModelLocation(ws, holder);
  }
  return artifactLocation(ctx, workspaceId, holder);
}
