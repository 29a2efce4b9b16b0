import type { FastifyReply } from 'fastify';
import { posix } from 'node:path';
import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import type { BlobLocation } from '../runner/uris.js';

/** A file of a run. */
export interface StoredFile {
  /** Below the run's folder. */
  readonly path: string;
  readonly bytes: number;
}

/** More are cut: a page of them would be of no use. */
export const MOST_FILES = 500;

/** Files below a location, by path, at most `MOST_FILES` and one. */
export async function filesAt(
  ctx: EmulatorContext,
  { container, prefix }: BlobLocation,
): Promise<StoredFile[]> {
  const client = ctx.blob.service.getContainerClient(container);
  const found: StoredFile[] = [];
  try {
    for await (const blob of client.listBlobsFlat({ prefix: `${prefix}/` })) {
      found.push({ path: blob.name.slice(prefix.length + 1), bytes: blob.properties.contentLength ?? 0 });
      if (found.length > MOST_FILES) break;
    }
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ContainerNotFound') throw error;
  }
  return found;
}

const IMAGES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
};
const TEXTS = [
  '.txt',
  '.log',
  '.json',
  '.yml',
  '.yaml',
  '.md',
  '.csv',
  '.py',
  '.toml',
  '.cfg',
  '.env',
  '.jsonl',
];

const extension = (path: string) => posix.extname(path).toLowerCase();

export function isImage(path: string): boolean {
  return Object.hasOwn(IMAGES, extension(path));
}

export function isText(path: string): boolean {
  return TEXTS.includes(extension(path)) || posix.basename(path) === 'MLmodel';
}

/** Sends a file: pictures and text to be looked at, everything else to be kept. Nothing in it is ever run. */
export async function sendFile(
  ctx: EmulatorContext,
  { container, prefix }: BlobLocation,
  path: string,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (path === '' || path.split('/').some((part) => part === '..' || part === '.'))
    throw new AzureError(400, 'InvalidParameter', `The path '${path}' leads nowhere.`);
  const blob = ctx.blob.service.getContainerClient(container).getBlobClient(`${prefix}/${path}`);
  if (!(await blob.exists())) throw new AzureError(404, 'NotFound', `There is no file '${path}'.`);
  const { readableStreamBody, contentLength } = await blob.download();
  const type = IMAGES[extension(path)] ?? (isText(path) ? 'text/plain; charset=utf-8' : undefined);
  if (type === undefined)
    reply.header(
      'content-disposition',
      `attachment; filename*=UTF-8''${encodeURIComponent(posix.basename(path))}`,
    );
  return reply
    .header('content-security-policy', "default-src 'none'; sandbox")
    .type(type ?? 'application/octet-stream')
    .header('content-length', contentLength ?? 0)
    .send(readableStreamBody);
}
