import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { exponentialRetryPolicy } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { createHash } from 'node:crypto';
import type { WorkspaceTarget } from '../domain/policy.js';
import { isLoopback, send } from './transport.js';
import type { Answer, Request } from './transport.js';

/** How Azure is reached. Every address but the first two is for national clouds and local emulators. */
export interface AzureConnection {
  /** On loopback a static one will do: the emulator checks none. */
  readonly credential: TokenCredential;
  /** Default `https://management.azure.com`; plain http on loopback only. */
  readonly armUrl?: string;
  /** Account's address, e.g. Azurite's `http://127.0.0.1:P/devstoreaccount1`; default `https://{account}.blob.{suffix}`. */
  readonly blobUrl?: string;
  /** Default `https://api.loganalytics.azure.com`. */
  readonly logsUrl?: string;
  /** Default `https://ml.azure.com`. */
  readonly studioUrl?: string;
}

/** A workspace, ready for requests. */
export interface AzureMl {
  readonly target: WorkspaceTarget;
  /** ARM id of the workspace. */
  readonly id: string;
  readonly connection: AzureConnection;
  readonly sdk: AzureMachineLearningWorkspaces;
  /** Resource Manager's address without a trailing slash. */
  readonly armUrl: string;
  /** Sends a raw request; throws AzureError for any status that `request.accept` does not name (2xx by default). */
  send(request: Request): Promise<Answer>;
}

const ARM = 'https://management.azure.com';

/** ARM id of the workspace that a target names. */
export function workspaceId(
  target: Pick<WorkspaceTarget, 'subscription' | 'resourceGroup' | 'name'>,
): string {
  return `/subscriptions/${target.subscription}/resourceGroups/${target.resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${target.name}`;
}

/** First 8 hexadecimal digits of the SHA-256 of the workspace's lower-cased ARM id: ids keep it when an alias is renamed. */
export function workspaceHash(target: WorkspaceTarget): string {
  return createHash('sha256').update(workspaceId(target).toLowerCase()).digest('hex').slice(0, 8);
}

/** Handle for one workspace. Asks nothing of Azure; throws when plain http is asked for anywhere but on loopback. */
export function createAzureMl(target: WorkspaceTarget, connection: AzureConnection): AzureMl {
  const armUrl = (connection.armUrl ?? ARM).replace(/\/+$/, '');
  const insecure = armUrl.startsWith('http:');
  if (insecure && !isLoopback(armUrl)) {
    throw new TypeError(
      `${armUrl}: plain http is allowed for this machine (127.0.0.1, localhost) only; use https.`,
    );
  }
  const sdk = new AzureMachineLearningWorkspaces(connection.credential, target.subscription, {
    endpoint: armUrl,
    credentialScopes: [`${armUrl}/.default`],
    allowInsecureConnection: insecure,
  });
  // The SDK's own policy sleeps through Retry-After within the call; here the caller is told (`retryAfterMs`) and
  // decides, so that a long throttling holds no worker's slot. Broken connections and 5xx are tried again at once.
  sdk.pipeline.removePolicy({ name: 'defaultRetryPolicy' });
  sdk.pipeline.addPolicy(
    exponentialRetryPolicy({ maxRetries: 2, retryDelayInMs: 250, maxRetryDelayInMs: 2_000 }),
    {
      phase: 'Retry',
    },
  );
  // The SDK refuses to send a token without TLS, emulators included (core-rest-pipeline, bearerTokenAuthenticationPolicy).
  if (insecure) sdk.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  const ml: AzureMl = {
    target,
    id: workspaceId(target),
    connection,
    sdk,
    armUrl,
    send: (request) => send(ml, request),
  };
  return ml;
}

/** Page of Azure ML studio for something in the workspace, e.g. `runs/j1`. */
export function studioLink(ml: AzureMl, page: string): string {
  const base = (ml.connection.studioUrl ?? 'https://ml.azure.com').replace(/\/+$/, '');
  return `${base}/${page}?wsid=${encodeURI(ml.id)}`;
}
