import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { childrenOf } from '../arm/listing.js';
import { ACCOUNT } from '../blob/azurite-process.js';
import { isOlderClient } from '../client-version.js';
import type { EmulatorContext } from '../context.js';
import { userError } from '../errors.js';
import { workspaceId } from '../ids.js';
import { filesOf } from '../mlflow/plugin-addresses.js';
import { getResource, updateProperties } from '../resources.js';
import type { StoredResource } from '../resources.js';
import { listBlobs } from '../runner/transfer.js';
import { formatDetails, formatRun, signedUrl } from './run-format.js';

const PREFIX =
  '/history/v1.0/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.MachineLearningServices/workspaces/:workspace';

const runPatch = z.object({
  hidden: z.boolean().nullish(),
  displayName: z.string().nullish(),
  description: z.string().nullish(),
  tags: z.record(z.string(), z.string()).nullish(),
  properties: z.record(z.string(), z.string()).nullish(),
});
const runData = z.object({ runId: z.string() });
const artifactPath = z.object({ path: z.string() });
const artifactBatch = z.object({ paths: z.array(artifactPath) });

interface Addressed {
  readonly workspace: string;
  readonly run: string;
}

/** Adds as much of the run history service as Microsoft's clients use to follow, download, archive and log to a job. */
export function registerHistory(app: FastifyInstance, ctx: EmulatorContext): void {
  registerResolver(app, ctx);
  void app.register(
    (scope, _options, done) => {
      for (const runs of [
        '/runs/:run',
        '/experiments/:experiment/runs/:run',
        '/experimentids/:experiment/runs/:run',
      ])
        addRun(scope, ctx, runs);
      scope.post('/rundata', (request) => {
        const { workspace } = addressOf(request);
        const { runId } = parse(runData, request.body);
        const job = jobOf(ctx, { workspace, run: runId });
        const type = isOlderClient(request.headers['user-agent']) ? 'UriFolder' : 'uri_folder';
        const runMetadata = { ...formatRun(job), outputs: outputAssets(job, type) };
        return { runMetadata };
      });
      done();
    },
    { prefix: PREFIX },
  );
}

/** Named outputs, each as an asset of a type in the asking client's words, whose address `batchGetResolvedUris` tells. */
function outputAssets(job: StoredResource, type: string): Record<string, { assetId: string; type: string }> {
  const outputs = Object.keys(job.properties['outputs'] ?? {});
  const named = outputs.filter((name) => name !== 'default');
  return Object.fromEntries(
    named.map((name) => [name, { assetId: `azureml://jobs/${job.name}/outputs/${name}`, type }]),
  );
}

const uris = z.object({ values: z.array(z.string()) });

/** Where the outputs of jobs lie: the part of the data service that downloads ask. */
function registerResolver(app: FastifyInstance, ctx: EmulatorContext): void {
  app.post(`${PREFIX.replace('/history/', '/data/')}/dataversion/batchGetResolvedUris`, (request) => {
    const { workspace } = addressOf(request);
    const values = parse(uris, request.body).values.flatMap((asset) => {
      const [, run = '', output = ''] = /^azureml:\/\/jobs\/([^/]+)\/outputs\/([^/]+)$/.exec(asset) ?? [];
      const job = getResource(ctx.store, `${workspace}/jobs/${run}`);
      const outputs = (job?.properties['outputs'] ?? {}) as Record<string, { uri?: string } | undefined>;
      const uri = outputs[output]?.uri;
      return uri === undefined ? [] : [[asset, { uri, type: 'uri_folder' }] as const];
    });
    return { values: Object.fromEntries(values) };
  });
}

function addRun(scope: FastifyInstance, ctx: EmulatorContext, path: string): void {
  scope.get(path, (request) => formatRun(jobOf(ctx, addressOf(request))));
  scope.get(`${path}/children`, (request) => {
    const { workspace, run } = addressOf(request);
    const jobs = childrenOf(ctx.store, `${workspace}/jobs`);
    return { value: jobs.filter((job) => job._parent === run).map(formatRun) };
  });
  // No node of a job has a service of its own that could be asked for here.
  scope.get(`${path}/serviceinstances/:node`, (request) => {
    jobOf(ctx, addressOf(request));
    return { instances: {} };
  });
  scope.get(`${path}/details`, (request) => {
    const address = addressOf(request);
    return formatDetails(ctx, address.workspace, jobOf(ctx, address));
  });
  scope.patch(path, (request) =>
    formatRun(changeJob(ctx, jobOf(ctx, addressOf(request)), parse(runPatch, request.body))),
  );
  scope.get(`${path}/artifacts`, async (request) => ({ value: await artifactsOf(ctx, addressOf(request)) }));
  scope.get(`${path}/artifacts/contentinfo`, (request) =>
    contentInfo(ctx, request, parse(artifactPath, request.query).path),
  );
  scope.post(`${path}/artifacts/batch/metadata`, (request) =>
    makeArtifacts(ctx, addressOf(request), parse(artifactBatch, request.body).paths),
  );
}

function parse<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw userError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

function addressOf(request: FastifyRequest): Addressed {
  const {
    subscription = '',
    group = '',
    workspace = '',
    run = '',
  } = request.params as Record<string, string>;
  return { workspace: workspaceId(subscription, group, workspace), run };
}

function jobOf(ctx: EmulatorContext, { workspace, run }: Addressed): StoredResource {
  const job = getResource(ctx.store, `${workspace}/jobs/${run}`);
  if (job === undefined) throw userError(`Run ${run} was not found.`, 404);
  return job;
}

/** Archiving and renaming go through run history, not through a PUT of the job. */
function changeJob(
  ctx: EmulatorContext,
  job: StoredResource,
  patch: z.infer<typeof runPatch>,
): StoredResource {
  const { hidden, displayName, description, tags, properties } = patch;
  const merged = (field: string, given: Record<string, string> | null | undefined) =>
    given === null || given === undefined ? {} : { [field]: { ...(job.properties[field] ?? {}), ...given } };
  const changed = updateProperties(ctx.store, job.id, {
    ...(hidden === null || hidden === undefined ? {} : { isArchived: hidden }),
    ...(displayName === null || displayName === undefined ? {} : { displayName }),
    ...(description === null || description === undefined ? {} : { description }),
    ...merged('tags', tags),
    ...merged('properties', properties),
  });
  return changed ?? job;
}

async function artifactsOf(ctx: EmulatorContext, { workspace, run }: Addressed): Promise<unknown[]> {
  const root = filesOf(ctx, workspace, run);
  const names = await listBlobs(ctx, root);
  return names.map((name) => ({
    ...{ origin: 'ExperimentRun', container: `dcid.${run}` },
    path: name.slice(root.prefix.length + 1),
  }));
}

/** Where a client downloads an artifact itself. */
async function contentInfo(ctx: EmulatorContext, request: FastifyRequest, path: string) {
  const { workspace, run } = addressOf(request);
  const root = filesOf(ctx, workspace, run);
  const blob = { ...root, prefix: `${root.prefix}/${path}` };
  if (!(await listBlobs(ctx, blob)).includes(blob.prefix))
    throw userError(`Artifact ${path} of run ${run} was not found.`, 404);
  const contentUri = asCloudBlob(request, await signedUrl(ctx, blob, 'r'));
  return { contentUri, origin: 'ExperimentRun', container: `dcid.${run}`, path };
}

/** azureml-mlflow reads blobs of its cloud's storage only, and passes over all others without a word. */
function asCloudBlob({ headers: { host = '' } }: FastifyRequest, url: string): string {
  const { pathname, search } = new URL(url);
  return `https://${ACCOUNT}.blob.core.emulator@${host}${pathname}${search}`;
}

/** Signed URLs to which a client uploads artifacts itself. */
async function makeArtifacts(ctx: EmulatorContext, { workspace, run }: Addressed, paths: { path: string }[]) {
  const root = filesOf(ctx, workspace, run);
  const container = `dcid.${run}`;
  const made = await Promise.all(
    paths.map(async ({ path }) => {
      if (path === '' || path.split('/').includes('..')) throw userError(`Invalid artifact path '${path}'.`);
      const contentUri = await signedUrl(ctx, { ...root, prefix: `${root.prefix}/${path}` }, 'rcw');
      return [path, { contentUri, origin: 'ExperimentRun', container, path }] as const;
    }),
  );
  const artifacts = made.map(([path]) => [path, { origin: 'ExperimentRun', container, path }]);
  return {
    artifacts: Object.fromEntries(artifacts) as Record<string, unknown>,
    artifactContentInformation: Object.fromEntries(made),
    errors: {},
  };
}
