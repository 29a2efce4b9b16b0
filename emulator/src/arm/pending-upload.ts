import {
  ContainerSASPermissions,
  StorageSharedKeyCredential,
  generateBlobSASQueryParameters,
} from '@azure/storage-blob';
import { randomUUID } from 'node:crypto';
import type { EmulatorContext } from '../context.js';
import { resourceGroupId } from '../ids.js';
import { workspaceOf } from './crud.js';
import { ok } from './replies.js';
import type { ArmReply, ArmRequest } from './types.js';

const HOURS = 3_600_000;

/** `startPendingUpload`: a container of its own and a SAS with which its files may be written, as clients upload code. */
export async function pendingUpload(ctx: EmulatorContext, request: ArmRequest): Promise<ArmReply> {
  const { resourceGroup = '', subscription } = request.id;
  const workspace = workspaceOf(ctx, request);
  const uploadId = randomUUID();
  const container = `${String(workspace.properties['workspaceId']).slice(0, 18)}-${uploadId}`;
  await ctx.blob.ready;
  await ctx.blob.service.getContainerClient(container).createIfNotExists();
  const blobUri = `${ctx.blob.publicUrl}/${container}`;
  return ok({
    pendingUploadId: uploadId,
    pendingUploadType: 'TemporaryBlobReference',
    blobReferenceForConsumption: {
      blobUri,
      storageAccountArmId:
        workspace.properties['storageAccount'] ??
        `${resourceGroupId(subscription, resourceGroup)}/providers/Microsoft.Storage/storageAccounts/${ctx.blob.account}`,
      credential: { credentialType: 'SAS', sasUri: `${blobUri}?${sas(ctx, container)}` },
    },
  });
}

function sas(ctx: EmulatorContext, containerName: string): string {
  return generateBlobSASQueryParameters(
    {
      containerName,
      permissions: ContainerSASPermissions.parse('racwdl'),
      startsOn: new Date(Date.now() - HOURS),
      expiresOn: new Date(Date.now() + 12 * HOURS),
    },
    new StorageSharedKeyCredential(ctx.blob.account, ctx.blob.key),
  ).toString();
}
