import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import type { EmulatorContext } from '../context.js';
import { removeBlobs } from '../runner/transfer.js';
import { ARTIFACT_DATASTORE, artifactPrefix, containerOf } from '../runner/uris.js';
import type { BlobLocation } from '../runner/uris.js';
import { invalid, notFound } from './errors.js';
import { getLoggedModel, loggedModelLocation, loggedModelUri } from './logged-models.js';
import { optional, route, runFields, runIdOf, text } from './routes.js';
import type { Route } from './routes.js';
import { runArtifactUri } from './runs.js';
import { getRun } from './tracking.js';
import { workspaceOf } from './workspace.js';
import type { Workspace } from './workspace.js';

/** First segment of artifact paths that lead to another container than the artifact store's. */
const OTHER_CONTAINER = '_container';

/** `mlflow-artifacts:/…` URI under which this server gives out the blobs of a location. */
export function artifactUri(ws: Workspace, { container, prefix }: BlobLocation): string {
  const own = containerOf(ws.ctx, ws.id, ARTIFACT_DATASTORE);
  return `mlflow-artifacts:/${container === own ? prefix : `${OTHER_CONTAINER}/${container}/${prefix}`}`;
}

/** Path below `mlflow-artifacts/artifacts` as blobs; refuses paths that leave it. */
function locate(ws: Workspace, path: string): BlobLocation {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.includes('..') || parts.includes('.') || /[\p{Cc}\\]/u.test(path))
    throw invalid(`Invalid path '${path}'.`);
  const [first, container, ...rest] = parts;
  if (first === OTHER_CONTAINER && container !== undefined) return { container, prefix: rest.join('/') };
  return { container: containerOf(ws.ctx, ws.id, ARTIFACT_DATASTORE), prefix: parts.join('/') };
}

interface FileInfo {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}

/** Files and folders directly below a location, with paths relative to it. */
async function listFolder(ctx: EmulatorContext, { container, prefix }: BlobLocation): Promise<FileInfo[]> {
  const client = ctx.blob.service.getContainerClient(container);
  const base = prefix === '' ? '' : `${prefix}/`;
  const files: FileInfo[] = [];
  if (!(await client.exists())) return files;
  for await (const item of client.listBlobsByHierarchy('/', { prefix: base })) {
    const path = item.name.slice(base.length).replace(/\/$/, '');
    if (item.kind === 'prefix') files.push({ path, is_dir: true });
    else files.push({ path, is_dir: false, file_size: item.properties.contentLength ?? 0 });
  }
  return files;
}

/** `artifacts/list` and its like answer with paths relative to the root, not to the folder. */
async function listBelow(ws: Workspace, root: BlobLocation, path: string | undefined): Promise<FileInfo[]> {
  const folder = (path ?? '').replace(/^\/+|\/+$/g, '');
  if (folder.split('/').includes('..')) throw invalid(`Invalid path '${folder}'.`);
  if (folder === '') return listFolder(ws.ctx, root);
  const files = await listFolder(ws.ctx, { ...root, prefix: `${root.prefix}/${folder}` });
  return files.map((file) => ({ ...file, path: `${folder}/${file.path}` }));
}

export const artifactListRoutes: readonly Route[] = [
  route('GET', 'artifacts/list', { ...runFields, path: optional(text) }, async (ws, input) => {
    const run = getRun(ws, runIdOf(input));
    const { run_id } = run;
    const container = containerOf(ws.ctx, ws.id, ARTIFACT_DATASTORE);
    const files = await listBelow(ws, { container, prefix: artifactPrefix(run_id) }, input.path);
    return { root_uri: runArtifactUri(ws, run), files };
  }),
  route(
    'GET',
    'logged-models/:model_id/artifacts/directories',
    { model_id: text, artifact_directory_path: optional(text) },
    async (ws, { model_id, artifact_directory_path }) => {
      const model = getLoggedModel(ws, model_id);
      const location = loggedModelLocation(ws, model.model_id);
      return {
        root_uri: loggedModelUri(ws, model),
        files: await listBelow(ws, location, artifact_directory_path),
      };
    },
  ),
];

const ROOT = '/api/2.0/mlflow-artifacts/artifacts';

/** Adds MLflow's artifact proxy: files are streamed to and from Blob, so they may be of any size. */
export function addArtifactProxy(app: FastifyInstance, ctx: EmulatorContext): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => {
    done(null, payload);
  });
  const target = (request: FastifyRequest) => {
    const params = request.params as Record<string, string>;
    return locate(workspaceOf(ctx, params), params['*'] ?? '');
  };

  app.get(ROOT, async (request) => {
    const { path } = request.query as { path?: string };
    const ws = workspaceOf(ctx, request.params as Record<string, string>);
    return { files: await listFolder(ctx, locate(ws, path ?? '')) };
  });
  app.get(`${ROOT}/*`, (request, reply) => sendBlob(ctx, target(request), reply));
  app.put(`${ROOT}/*`, { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request) => {
    await storeBlob(ctx, target(request), request);
    return {};
  });
  app.delete(`${ROOT}/*`, async (request) => {
    await removeBlobs(ctx, target(request));
    return {};
  });
}

async function sendBlob(
  ctx: EmulatorContext,
  location: BlobLocation,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const blob = ctx.blob.service.getContainerClient(location.container).getBlobClient(location.prefix);
  if (location.prefix === '' || !(await blob.exists())) throw notFound(`Artifact '${location.prefix}'`);
  const { readableStreamBody, contentLength } = await blob.download();
  return reply
    .type('application/octet-stream')
    .header('content-length', contentLength ?? 0)
    .send(readableStreamBody);
}

async function storeBlob(
  ctx: EmulatorContext,
  location: BlobLocation,
  request: FastifyRequest,
): Promise<void> {
  if (location.prefix === '') throw invalid('The path of an artifact is missing.');
  const container = ctx.blob.service.getContainerClient(location.container);
  await container.createIfNotExists();
  const blob = container.getBlockBlobClient(location.prefix);
  const contentType = request.headers['content-type'] ?? 'application/octet-stream';
  const body = request.body as Readable | undefined;
  const headers = { blobHTTPHeaders: { blobContentType: contentType } };
  if (body === undefined) await blob.upload('', 0, headers);
  else await blob.uploadStream(body, undefined, undefined, headers);
}
