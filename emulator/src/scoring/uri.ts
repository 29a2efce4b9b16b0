import type { EmulatorContext } from '../context.js';
import { workspaceIdOf } from '../ids.js';
import { getResource } from '../resources.js';

/**
 * `{public URL}/inference/{workspace guid}/{endpoint}/score`: what ARM shows as `scoringUri` of an endpoint.
 * Throws when the endpoint's workspace is not stored or has no `properties.workspaceId`.
 */
export function scoringUri(ctx: EmulatorContext, endpoint: { id: string; name: string }): string {
  return `${ctx.publicUrl()}/inference/${workspaceGuid(ctx, endpoint.id)}/${endpoint.name}/score`;
}

/** What ARM shows as `scoringUri` of a batch endpoint, under the base URL by which a client reached us. */
export function batchUri(
  ctx: EmulatorContext,
  endpoint: { id: string; name: string },
  base = ctx.baseUrl(),
): string {
  return `${ctx.publicUrl(base)}/batch/${workspaceGuid(ctx, endpoint.id)}/${endpoint.name}/jobs`;
}

/** The GUID of the workspace that holds a resource. */
export function workspaceGuid(ctx: EmulatorContext, resourceId: string): string {
  const workspaceId = workspaceIdOf(resourceId) ?? resourceId;
  const guid = getResource(ctx.store, workspaceId)?.properties['workspaceId'];
  if (typeof guid !== 'string') throw new Error(`Workspace ${workspaceId} has no properties.workspaceId.`);
  return guid;
}
