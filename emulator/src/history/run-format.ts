import { BlobSASPermissions } from '@azure/storage-blob';
import type { EmulatorContext } from '../context.js';
import { nameOf } from '../ids.js';
import type { StoredResource } from '../resources.js';
import { listBlobs } from '../runner/transfer.js';
import { artifactLocation } from '../runner/uris.js';
import type { BlobLocation } from '../runner/uris.js';

const SAS_HOURS = 2;

/** A signed URL of one blob, for clients that hold no key. */
export async function signedUrl(
  ctx: EmulatorContext,
  { container, prefix }: BlobLocation,
  permissions: string,
): Promise<string> {
  const client = ctx.blob.service.getContainerClient(container).getBlobClient(prefix);
  const expiresOn = new Date(Date.now() + SAS_HOURS * 3_600_000);
  return client.generateSasUrl({ permissions: BlobSASPermissions.parse(permissions), expiresOn });
}

/** A job as run history's `RunDto`. */
export function formatRun(job: StoredResource): Record<string, unknown> {
  const { properties } = job;
  return {
    runId: job.name,
    runUuid: job.name,
    rootRunId: job._root ?? job.name,
    parentRunId: job._parent ?? null,
    experimentName: properties['experimentName'] ?? 'Default',
    displayName: properties['displayName'] ?? job.name,
    description: properties['description'] ?? null,
    hidden: properties['isArchived'] === true,
    status: properties['status'],
    createdUtc: job.systemData.createdAt,
    startTimeUtc: job._startTime ?? null,
    endTimeUtc: job._endTime ?? null,
    target: typeof properties['computeId'] === 'string' ? nameOf(properties['computeId']) : 'serverless',
    tags: properties['tags'] ?? {},
    properties: properties['properties'] ?? {},
    error: errorOf(job),
  };
}

function errorOf(job: StoredResource): unknown {
  const error = job.properties['error'];
  return error === undefined ? null : { error, time: job._endTime };
}

/** What `jobs.stream` polls: the run with the signed URLs of its logs. */
export async function formatDetails(
  ctx: EmulatorContext,
  workspaceId: string,
  job: StoredResource,
): Promise<Record<string, unknown>> {
  const root = artifactLocation(ctx, workspaceId, job.name);
  const logs = await listBlobs(ctx, { ...root, prefix: `${root.prefix}/user_logs` });
  const urls = logs.map(async (blob) => [
    blob.slice(root.prefix.length + 1),
    await signedUrl(ctx, { ...root, prefix: blob }, 'r'),
  ]);
  const logFiles = Object.fromEntries(await Promise.all(urls)) as Record<string, string>;
  return { ...formatRun(job), logFiles, warnings: [], inputDatasets: [], outputDatasets: [] };
}
