import type { EmulatorContext } from '../context.js';

interface ArmResource {
  id: string;
  properties: Record<string, unknown>;
}

const WORKSPACE_OF = /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/[^/]+\/workspaces\/[^/]+/i;

/** ARM id of the workspace that holds a resource, in the case of `resourceId`. */
export function workspaceIdOf(resourceId: string): string {
  const match = WORKSPACE_OF.exec(resourceId);
  if (!match) throw new Error(`${resourceId} is not the ARM id of a resource in a workspace.`);
  return match[0];
}

/** `http://host:port/inference/{workspace guid}/{endpoint}/score` of an online endpoint. */
export function scoringUri(ctx: EmulatorContext, endpoint: { id: string; name: string }): string {
  return `${ctx.baseUrl()}/inference/${workspaceGuid(ctx, workspaceIdOf(endpoint.id))}/${endpoint.name}/score`;
}

function workspaceGuid(ctx: EmulatorContext, workspaceId: string): string {
  const workspace = ctx.store.collection<ArmResource>('resources').get(workspaceId.toLowerCase());
  const guid = workspace?.properties['workspaceId'];
  if (typeof guid !== 'string') throw new Error(`Workspace ${workspaceId} has no properties.workspaceId.`);
  return guid;
}
