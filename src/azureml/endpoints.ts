import type { EndpointKind } from '../domain/project.js';
import type { Traffic } from '../domain/release.js';
import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { beginDelete, beginPut } from './operations.js';
import type { OperationHandle } from './operations.js';
import { getOrUndefined, listAll } from './transport.js';
import type { DeploymentView, EndpointView, Json, Tags } from './types.js';
import { compact } from './yaml/fields.js';

interface EndpointResource {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags?: Tags | null;
  readonly kind?: string;
  readonly identity?: { readonly type?: string; readonly userAssignedIdentities?: Json | null };
  readonly sku?: unknown;
  readonly properties: {
    readonly scoringUri?: string | null;
    readonly traffic?: Traffic | null;
    readonly mirrorTraffic?: Traffic | null;
    /** Of a batch endpoint. */
    readonly defaults?: { readonly deploymentName?: string | null } | null;
    readonly provisioningState?: string;
    readonly authMode?: string;
  };
}

/** ARM id of an endpoint. */
export function endpointId(ml: AzureMl, name: string, kind: EndpointKind = 'online'): string {
  return `${ml.id}/${kind}Endpoints/${name}`;
}

const deploymentId = (ml: AzureMl, endpoint: string, name: string, kind?: EndpointKind) =>
  `${endpointId(ml, endpoint, kind)}/deployments/${name}`;

/** An endpoint; undefined when there is none. A batch endpoint's default deployment has all of its traffic. */
export async function getEndpoint(
  ml: AzureMl,
  name: string,
  kind?: EndpointKind,
): Promise<EndpointView | undefined> {
  const body = await getOrUndefined(ml, endpointId(ml, name, kind));
  return body === undefined ? undefined : endpointView(body as EndpointResource);
}

/** Every endpoint of a kind in the workspace. */
export async function listEndpoints(ml: AzureMl, kind: EndpointKind = 'online'): Promise<EndpointView[]> {
  const found = await listAll(ml, `/${kind}Endpoints`);
  return found.map((endpoint) => endpointView(endpoint as EndpointResource));
}

function endpointView(endpoint: EndpointResource): EndpointView {
  const { properties } = endpoint;
  return {
    name: endpoint.name,
    id: endpoint.id,
    location: endpoint.location,
    ...(properties.scoringUri ? { scoringUri: properties.scoringUri } : {}),
    traffic: shares(properties.traffic ?? defaultShare(properties.defaults?.deploymentName)),
    mirrorTraffic: shares(properties.mirrorTraffic),
    provisioningState: properties.provisioningState ?? 'Unknown',
    authMode: properties.authMode ?? 'Key',
    tags: endpoint.tags ?? {},
    raw: endpoint as unknown as Json,
  };
}

function defaultShare(deployment: string | null | undefined): Traffic {
  return deployment ? { [deployment]: 100 } : {};
}

/** Without zero entries, names in lower case, as Azure and its official client keep them. */
function shares(traffic: Traffic | null | undefined): Record<string, number> {
  const kept = Object.entries(traffic ?? {}).filter(([, share]) => share !== 0);
  return Object.fromEntries(kept.map(([name, share]) => [name.toLowerCase(), share]));
}

interface DeploymentResource {
  readonly id: string;
  readonly name: string;
  readonly tags?: Tags | null;
  readonly sku?: { readonly capacity?: number };
  readonly properties: {
    /** Of a batch deployment an object. */
    readonly model?: string | { readonly assetId?: string } | null;
    readonly provisioningState?: string;
    readonly instanceType?: string | null;
  };
  readonly systemData?: { readonly createdAt?: string };
}

function deploymentView(deployment: DeploymentResource): DeploymentView {
  const { properties, sku } = deployment;
  const created = Date.parse(deployment.systemData?.createdAt ?? '');
  const model = typeof properties.model === 'string' ? properties.model : properties.model?.assetId;
  return {
    name: deployment.name,
    id: deployment.id,
    ...(model ? { model } : {}),
    provisioningState: properties.provisioningState ?? 'Unknown',
    ...(properties.instanceType ? { instanceType: properties.instanceType } : {}),
    ...(sku?.capacity === undefined ? {} : { instanceCount: sku.capacity }),
    tags: deployment.tags ?? {},
    ...(Number.isNaN(created) ? {} : { createdAt: created }),
    raw: deployment as unknown as Json,
  };
}

/** Deployments of an endpoint; none when there is no endpoint. */
export async function listDeployments(
  ml: AzureMl,
  endpoint: string,
  kind?: EndpointKind,
): Promise<DeploymentView[]> {
  const found = await listAll(ml, `${endpointId(ml, endpoint, kind)}/deployments`);
  return found.map((deployment) => deploymentView(deployment as DeploymentResource));
}

/** One deployment; undefined when there is none. */
export async function getDeployment(
  ml: AzureMl,
  endpoint: string,
  name: string,
  kind?: EndpointKind,
): Promise<DeploymentView | undefined> {
  const body = await getOrUndefined(ml, deploymentId(ml, endpoint, name, kind));
  return body === undefined ? undefined : deploymentView(body as DeploymentResource);
}

/** Begins to make or change an endpoint. */
export async function beginPutEndpoint(
  ml: AzureMl,
  name: string,
  body: Json,
  kind?: EndpointKind,
): Promise<OperationHandle> {
  return beginPut(ml, endpointId(ml, name, kind), body);
}

/** Begins to make a deployment. */
export async function beginPutDeployment(
  ml: AzureMl,
  endpoint: string,
  name: string,
  body: Json,
  kind?: EndpointKind,
): Promise<OperationHandle> {
  return beginPut(ml, deploymentId(ml, endpoint, name, kind), body);
}

/** Begins to delete a deployment; undefined when it is gone. Azure refuses while it has traffic. */
export async function beginDeleteDeployment(
  ml: AzureMl,
  endpoint: string,
  name: string,
  kind?: EndpointKind,
): Promise<OperationHandle | undefined> {
  return beginDelete(ml, deploymentId(ml, endpoint, name, kind));
}

/** Begins to delete an endpoint with all its deployments; undefined when it is gone. */
export async function beginDeleteEndpoint(
  ml: AzureMl,
  name: string,
  kind?: EndpointKind,
): Promise<OperationHandle | undefined> {
  return beginDelete(ml, endpointId(ml, name, kind));
}

/**
 * Begins to set an endpoint's traffic and mirrored traffic, and nothing else: the whole endpoint is read and sent
 * back, since PATCH changes tags and identity only. A batch endpoint's only deployment with traffic becomes its
 * default. Undefined when the traffic is so already. Throws AzureError 404 when there is no endpoint.
 */
export async function beginPutTraffic(
  ml: AzureMl,
  endpoint: string,
  traffic: Traffic,
  mirror: Traffic,
  kind?: EndpointKind,
): Promise<OperationHandle | undefined> {
  const id = endpointId(ml, endpoint, kind);
  const { body } = await ml.send({ method: 'GET', path: id });
  const before = body as EndpointResource;
  const wanted = { traffic: shares(traffic), mirrorTraffic: shares(mirror) };
  const view = endpointView(before);
  if (isSame(view.traffic, wanted.traffic) && isSame(view.mirrorTraffic, wanted.mirrorTraffic))
    return undefined;
  requireSettled(view);
  const changed = kind === 'batch' ? { defaults: defaultOf(wanted.traffic) } : wanted;
  return beginPut(ml, id, {
    ...writable(before),
    properties: { ...withoutReadOnly(before.properties), ...changed },
  });
}

function defaultOf(traffic: Traffic): { deploymentName: string | null } {
  const [deployment = null] = Object.keys(traffic);
  return { deploymentName: deployment };
}

/** Two writers at once would undo each other: what was read is already old. */
function requireSettled({ name, provisioningState }: EndpointView): void {
  if (!['updating', 'creating', 'deleting'].includes(provisioningState.toLowerCase())) return;
  throw new AzureError(
    `endpoint ${name} is in ${provisioningState} provisioning state; its traffic can be set when that has ended`,
    {
      code: 'EndpointBusy',
      status: 409,
      target: name,
      operation: `PUT endpoint ${name}`,
    },
  );
}

function isSame(a: Traffic, b: Traffic): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}

function writable({ location, tags, kind, identity, sku }: EndpointResource): Json {
  const users = identity?.userAssignedIdentities;
  return compact({
    location,
    tags: tags ?? {},
    kind,
    // Azure answers principal ids too, and takes empty objects only.
    identity: identity && {
      type: identity.type,
      ...(users
        ? { userAssignedIdentities: Object.fromEntries(Object.keys(users).map((id) => [id, {}])) }
        : {}),
    },
    sku: sku ?? undefined,
  });
}

function withoutReadOnly(properties: Json): Json {
  const readOnly = ['provisioningState', 'scoringUri', 'swaggerUri', 'keys'];
  const kept = Object.entries(properties).filter(([key, value]) => !readOnly.includes(key) && value !== null);
  return Object.fromEntries(kept);
}

/** Last lines of a deployment's container; empty when Azure has none. */
export async function deploymentLogs(
  ml: AzureMl,
  endpoint: string,
  name: string,
  lines: number,
): Promise<string> {
  const { body } = await ml.send({
    method: 'POST',
    path: `${deploymentId(ml, endpoint, name)}/getLogs`,
    body: { containerType: 'InferenceServer', tail: lines },
    accept: [404],
  });
  return (body as { content?: string | null } | undefined)?.content ?? '';
}
