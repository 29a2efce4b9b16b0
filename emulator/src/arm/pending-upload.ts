import {
  ContainerSASPermissions,
  StorageSharedKeyCredential,
  generateBlobSASQueryParameters,
} from '@azure/storage-blob';
import { randomUUID } from 'node:crypto';
import type { EmulatorContext } from '../context.js';
import { guidOf, registryIdOf, resourceGroupId } from '../ids.js';
import { workspaceOf } from './crud.js';
import { ok } from './replies.js';
import type { ArmReply, ArmRequest } from './types.js';

const HOURS = 3_600_000;

/** `startPendingUpload`: a container of its own and a SAS with which its files may be written, as clients upload code. */
export async function pendingUpload(ctx: EmulatorContext, request: ArmRequest): Promise<ArmReply> {
  const registry = registryIdOf(request.path);
  if (registry !== undefined) return ok(await pendingContainer(ctx, guidOf(registry)));
  const { workspaceId, storageAccount } = workspaceOf(ctx, request).properties;
  const { resourceGroup = '', subscription } = request.id;
  const account =
    storageAccount ??
    `${resourceGroupId(subscription, resourceGroup)}/providers/Microsoft.Storage/storageAccounts/${ctx.blob.account}`;
  return ok(await pendingContainer(ctx, String(workspaceId), account));
}

/** A new container whose name begins with `guid`'s first part. */
export async function pendingContainer(ctx: EmulatorContext, guid: string, storageAccountArmId?: unknown) {
  const uploadId = randomUUID();
  const container = `${guid.slice(0, 18)}-${uploadId}`;
  await ctx.blob.ready;
  await ctx.blob.service.getContainerClient(container).createIfNotExists();
  return {
    pendingUploadId: uploadId,
    pendingUploadType: 'TemporaryBlobReference',
    blobReferenceForConsumption: blobReference(ctx, container, 'racwdl', storageAccountArmId),
  };
}

/** A container with a SAS of twelve hours. */
export function blobReference(
  ctx: EmulatorContext,
  container: string,
  permissions: string,
  storageAccountArmId?: unknown,
) {
  const blobUri = `${ctx.blob.publicUrl}/${container}`;
  const sas = generateBlobSASQueryParameters(
    {
      containerName: container,
      permissions: ContainerSASPermissions.parse(permissions),
      startsOn: new Date(Date.now() - HOURS),
      expiresOn: new Date(Date.now() + 12 * HOURS),
    },
    new StorageSharedKeyCredential(ctx.blob.account, ctx.blob.key),
  ).toString();
  return {
    blobUri,
    storageAccountArmId: storageAccountArmId ?? null,
    credential: { credentialType: 'SAS', sasUri: `${blobUri}?${sas}` },
  };
}
