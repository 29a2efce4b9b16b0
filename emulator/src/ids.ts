import { createHash } from 'node:crypto';

/** An ARM id (or the path of a collection or an action), taken apart. Names keep their spelling; compare with `key`. */
export interface ArmId {
  readonly subscription: string;
  readonly resourceGroup: string | undefined;
  /** e.g. `Microsoft.MachineLearningServices`; undefined for a subscription or resource group. */
  readonly provider: string | undefined;
  /** e.g. `[['workspaces','w1'],['jobs','j1']]`; the last name is undefined where the path ends with a type or an action. */
  readonly path: readonly (readonly [type: string, name: string | undefined])[];
  /** What an extension resource (a diagnostic setting, …) hangs on: the id before the last `/providers/`. */
  readonly scope: string;
}

export const ML = 'Microsoft.MachineLearningServices';

/** The one tenant of this cloud. */
export const TENANT = '00000000-0000-0000-0000-000000000001';

/** The store's key of a resource: ARM ids are compared without case. */
export function keyOf(id: string): string {
  return id.replace(/\/+$/, '').toLowerCase();
}

/** Takes an ARM path apart; undefined when it is none (`/subscriptions/{s}` is the least). */
export function parseArmId(id: string): ArmId | undefined {
  const parts = id.split('/').filter((part) => part !== '');
  const subscription = parts[1];
  if (parts[0]?.toLowerCase() !== 'subscriptions' || subscription === undefined) return undefined;
  const hasGroup = parts[2]?.toLowerCase() === 'resourcegroups';
  const at = parts.findLastIndex((part) => part.toLowerCase() === 'providers');
  return {
    subscription,
    resourceGroup: hasGroup ? parts[3] : undefined,
    provider: at === -1 ? undefined : parts[at + 1],
    path: at === -1 ? [] : pairs(parts.slice(at + 2)),
    scope: `/${(at === -1 ? parts : parts.slice(0, at)).join('/')}`,
  };
}

function pairs(parts: readonly string[]): [string, string | undefined][] {
  const found: [string, string | undefined][] = [];
  for (let at = 0; at < parts.length; at += 2) found.push([parts[at] ?? '', parts[at + 1]]);
  return found;
}

/** `Microsoft.MachineLearningServices/workspaces/jobs`: the type of a parsed id. */
export function typeOf(id: ArmId): string {
  return [id.provider ?? '', ...id.path.map(([type]) => type)].join('/');
}

/** `/subscriptions/{s}/resourceGroups/{rg}` */
export function resourceGroupId(subscription: string, group: string): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}`;
}

/** ARM id of an Azure ML workspace. */
export function workspaceId(subscription: string, group: string, workspace: string): string {
  return `${resourceGroupId(subscription, group)}/providers/${ML}/workspaces/${workspace}`;
}

/** The workspace's id of any id below it (spelled as it stands there); undefined when it has none. */
export function workspaceIdOf(id: string): string | undefined {
  return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.machinelearningservices\/workspaces\/[^/]+/i.exec(
    id,
  )?.[0];
}

/** The registry's id of any id below it; undefined when it has none. */
export function registryIdOf(id: string): string | undefined {
  return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.machinelearningservices\/registries\/[^/]+/i.exec(
    id,
  )?.[0];
}

/** The id one level up: of `W/models/m/versions/3` it is `W/models/m`. */
export function parentId(id: string): string {
  return id.split('/').slice(0, -2).join('/');
}

/** The last segment of an id. */
export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** A GUID that stays the same for the same text. */
export function guidOf(text: string): string {
  const hex = createHash('sha256').update(text.toLowerCase()).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
