import type { DeployedRelease } from '../domain/release.js';
import type { EndpointStatus } from '../workflows/messages.js';

/** What `az` needs to know of a workspace; each name is a placeholder where nobody could tell. */
export interface AzPlace {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly workspace: string;
}

/** Placeholders for a workspace alias whose policy is not at hand. */
export function unknownPlace(alias: string): AzPlace {
  return {
    subscription: `<subscription of ${alias}>`,
    resourceGroup: `<resource group of ${alias}>`,
    workspace: `<workspace name of ${alias}>`,
  };
}

/**
 * The commands that put an endpoint back to its previous champion without this project: for the night when Temporal
 * is down. The endpoint's owner adopts what they did.
 */
export function rollbackCommands(
  { endpoint, kind, champion, previous, running, traffic }: AzState,
  place: AzPlace,
): string[] {
  if (kind === 'batch') return batchCommands(endpoint, running === undefined ? previous : champion, place);
  const update = `az ml online-endpoint update --name ${endpoint} ${scope(place)}`;
  const back = running === undefined ? previous : champion;
  if (back === undefined) return lookCommands(endpoint, place);
  const others = new Set([...Object.keys(traffic), ...(champion === undefined ? [] : [champion.deployment])]);
  others.delete(back.deployment);
  const shares = [`${back.deployment}=100`, ...[...others].map((name) => `${name}=0`)].join(' ');
  const mirrors = [...others].map((name) => `${name}=0`).join(' ');
  return [
    ...(running === undefined || mirrors === '' ? [] : [`${update} --mirror-traffic "${mirrors}"`]),
    `${update} --traffic "${shares}"`,
  ];
}

export type AzState = Pick<
  EndpointStatus,
  'endpoint' | 'kind' | 'champion' | 'previous' | 'running' | 'traffic'
>;

/** A batch endpoint goes back by its default; where the deployment is not known, how to find it out comes first. */
function batchCommands(endpoint: string, back: DeployedRelease | undefined, place: AzPlace): string[] {
  const list = `az ml batch-deployment list --endpoint-name ${endpoint} ${scope(place)} --query "[].{name:name, model:model}"`;
  const deployment = back?.deployment ?? '<previous deployment>';
  const update = `az ml batch-endpoint update --name ${endpoint} ${scope(place)} --set defaults.deployment_name=${back === undefined ? `"${deployment}"` : deployment}`;
  return back === undefined ? [list, update] : [update];
}

/** Where the state is not known: how to find it out, and what to fill in. */
export function lookCommands(endpoint: string, place: AzPlace): string[] {
  return [
    `az ml online-endpoint show --name ${endpoint} ${scope(place)} --query traffic`,
    `az ml online-deployment list --endpoint-name ${endpoint} ${scope(place)} --query "[].{name:name, model:model, state:provisioning_state}"`,
    `az ml online-endpoint update --name ${endpoint} ${scope(place)} --traffic "<previous deployment>=100 <present deployment>=0"`,
  ];
}

function scope({ subscription, resourceGroup, workspace }: AzPlace): string {
  return [
    ['--subscription', subscription],
    ['--resource-group', resourceGroup],
    ['--workspace-name', workspace],
  ]
    .map(([flag = '', value = '']) => `${flag} ${value.includes(' ') ? `'${value}'` : value}`)
    .join(' ');
}
