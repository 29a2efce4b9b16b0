import { createHash } from 'node:crypto';
import type { EmulatorContext } from '../../context.js';
import { metricChunksOf, runsOf, workspaceAt } from '../../mlflow/workspace.js';
import { getResource } from '../../resources.js';
import type { Json } from '../../resources.js';
import { changeJob, readJob } from '../job.js';
import type { Job } from '../job.js';
import { replaceBlobs } from '../transfer.js';
import { artifactLocation } from '../uris.js';
import { canonical, jsonOf } from './json.js';

const COLLECTION = 'step-reuse';

/** What says whether two steps do the same: everything but where, under which name and for whom they run. */
export function fingerprint(ctx: EmulatorContext, job: Json): string {
  const same = Object.fromEntries(
    Object.entries(job).filter(
      ([key]) => !['displayName', 'experimentName', 'computeId', 'tags'].includes(key),
    ),
  );
  const code = contentOf(ctx, job['codeId']);
  return createHash('sha256')
    .update(canonical({ ...same, codeId: code }))
    .digest('hex');
}

/** Clients upload code under random names: its hash tells whether it is the same. */
function contentOf(ctx: EmulatorContext, codeId: unknown): unknown {
  if (typeof codeId !== 'string') return codeId;
  const properties = getResource(ctx.store, codeId)?.properties;
  return jsonOf(properties?.['properties'])['hash_sha256'] ?? properties?.['codeUri'] ?? codeId;
}

export function rememberStep(ctx: EmulatorContext, hash: string, job: Job): void {
  ctx.store.collection<string>(COLLECTION).put(`${job.workspaceId.toLowerCase()}|${hash}`, job.id);
}

/** The completed job that did the same; undefined when there is none. */
export function findReusable(ctx: EmulatorContext, workspaceId: string, hash: string): Job | undefined {
  const id = ctx.store.collection<string>(COLLECTION).get(`${workspaceId.toLowerCase()}|${hash}`);
  const job = id === undefined ? undefined : readJob(ctx, id);
  return job?.properties.status === 'Completed' ? job : undefined;
}

/** Makes a stored job stand for one that has run: its outputs are those, its run and artifacts copies. */
export async function standFor(ctx: EmulatorContext, job: Job, original: Job): Promise<void> {
  const ws = workspaceAt(ctx, job.workspaceId);
  const [to, from] = [job, original].map(({ name }) => artifactLocation(ctx, job.workspaceId, name));
  if (from !== undefined && to !== undefined) await replaceBlobs(ctx, from, to);
  ctx.store.transaction(() => {
    const run = runsOf(ws).get(job.name);
    const source = runsOf(ws).get(original.name);
    if (run !== undefined && source !== undefined) {
      const { metrics, params, metricChunks } = source;
      runsOf(ws).put(job.name, { ...run, metrics, params, metricChunks });
      metricChunksOf(ws)
        .all(`${original.name}|`)
        .forEach((chunk, at) => {
          metricChunksOf(ws).put(`${job.name}|${String(at).padStart(10, '0')}`, chunk);
        });
    }
    const now = new Date().toISOString();
    changeJob(ctx, job.id, (stored) => {
      const own = jsonOf(stored.properties['outputs'])['default'];
      stored.properties = {
        ...stored.properties,
        outputs: { ...original.properties.outputs, ...(own === undefined ? {} : { default: own }) },
        properties: { 'azureml.isreused': 'true', 'azureml.reusedrunid': original.name },
        status: 'Completed',
      };
      stored._startTime = now;
      stored._endTime = now;
    });
  });
}
