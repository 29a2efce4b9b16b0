import { randomUUID } from 'node:crypto';
import type { EmulatorContext } from '../context.js';
import { workspaceIdOf } from '../ids.js';
import { resolveUri } from '../runner/uris.js';
import type { BlobLocation } from '../runner/uris.js';
import { parseBody, toRows } from './rows.js';
import type { CollectionSpec, DeploymentSpec } from './spec.js';
import { Share } from './traffic.js';

/** One request and its answer, as the router saw them. */
export interface Exchange {
  readonly spec: DeploymentSpec;
  readonly instance: string;
  readonly modelVersion: string | undefined;
  readonly inputNames: readonly string[] | undefined;
  readonly requestId: string;
  readonly correlationId: string;
  readonly request: string;
  /** The model's answer; undefined when it failed. */
  readonly response: string | undefined;
}

/** Model data collection: writes what deployments with a `dataCollector` receive and answer to Blob. */
export interface Collector {
  collect(exchange: Exchange): void;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const FLUSH_MS = 1000;
/** The largest block of an append blob; a longer batch is cut at a line. */
const MAX_BLOCK = 4 * 1024 * 1024;

export function createCollector(ctx: EmulatorContext): Collector {
  const pending = new Map<string, { location: BlobLocation; lines: string[] }>();
  const shares = new Map<string, Share>();
  let flushing: Promise<void> = Promise.resolve();

  function add({ spec, instance }: Exchange, collection: CollectionSpec, line: string): void {
    const location = locate(ctx, spec, collection, instance);
    const key = `${location.container}/${location.prefix}`;
    const batch = pending.get(key) ?? { location, lines: [] };
    batch.lines.push(line);
    pending.set(key, batch);
  }

  async function write(): Promise<void> {
    const batches = [...pending.values()];
    pending.clear();
    for (const { location, lines } of batches) {
      await append(ctx, location, lines).catch((error: unknown) => {
        ctx.log(
          `model data collection: ${lines.length} lines for ${location.prefix} were lost: ${String(error)}`,
        );
      });
    }
  }

  function flush(): Promise<void> {
    flushing = flushing.then(write);
    return flushing;
  }

  const timer = setInterval(() => void flush(), FLUSH_MS);
  timer.unref();

  return {
    collect(exchange) {
      for (const collection of exchange.spec.collections) {
        const key = `${exchange.spec.id}/${collection.name}`.toLowerCase();
        const share = shares.get(key) ?? new Share();
        shares.set(key, share);
        const data = share.next(collection.samplingRate) ? dataOf(collection.name, exchange) : undefined;
        if (data !== undefined) add(exchange, collection, toLine(collection.name, exchange, data));
      }
    },
    flush,
    async stop() {
      clearInterval(timer);
      await flush();
    },
  };
}

/** `request` and `response` are the payloads as they are; names that a scoring script would have to fill stay empty. */
function dataOf(collection: string, { request, response, inputNames }: Exchange): unknown {
  const answer = response === undefined ? undefined : parseBody(response);
  switch (collection) {
    case 'model_inputs':
      return toRows(parseBody(request), inputNames, 'input');
    case 'model_outputs':
      return answer === undefined ? undefined : toRows(answer, undefined, 'output');
    case 'request':
      return parseBody(request);
    case 'response':
      return answer;
    default:
      return undefined;
  }
}

/** A line as Azure ML documents it for collected data: a CloudEvents envelope around `data`. */
function toLine(collection: string, exchange: Exchange, data: unknown): string {
  const size = Buffer.byteLength(JSON.stringify(data));
  return JSON.stringify({
    specversion: '1.0',
    id: randomUUID(),
    source: exchange.spec.id,
    type: `azureml.inference.${collection}`,
    datacontenttype: 'application/json',
    time: new Date().toISOString(),
    data,
    correlationid: exchange.correlationId,
    xrequestid: exchange.requestId,
    modelversion: exchange.modelVersion ?? 'default',
    collectdatatype: collection.startsWith('model_') ? 'pandas.core.frame.DataFrame' : 'str',
    agent: 'azureml-emulator/0.1.0',
    contentrange: `bytes 0-${size - 1}/${size}`,
  });
}

function locate(
  ctx: EmulatorContext,
  spec: DeploymentSpec,
  { name, dataId }: CollectionSpec,
  instance: string,
): BlobLocation {
  const workspaceId = workspaceIdOf(spec.id) ?? '';
  const standard = `azureml://datastores/workspaceblobstore/paths/modelDataCollector/${spec.endpointName}/${spec.name}/${name}`;
  const { container, prefix } = resolveOr(ctx, workspaceId, dataId, standard);
  const [date = '', time = ''] = new Date().toISOString().split('T');
  return {
    container,
    prefix: `${prefix}/${date.replaceAll('-', '/')}/${time.slice(0, 2)}/${instance}.jsonl`,
  };
}

/** The folder of the data asset that the deployment names, which need not exist yet, else the standard one. */
function resolveOr(
  ctx: EmulatorContext,
  workspaceId: string,
  dataId: string | undefined,
  standard: string,
): BlobLocation {
  try {
    if (dataId !== undefined) return resolveUri(ctx, workspaceId, dataId);
  } catch {
    ctx.log(`model data collection: ${dataId ?? ''} was not found; writing to ${standard}`);
  }
  return resolveUri(ctx, workspaceId, standard);
}

async function append(ctx: EmulatorContext, location: BlobLocation, lines: string[]): Promise<void> {
  const container = ctx.blob.service.getContainerClient(location.container);
  const blob = container.getAppendBlobClient(location.prefix);
  await container.createIfNotExists();
  await blob.createIfNotExists();
  let block = '';
  for (const line of lines) {
    if (block !== '' && Buffer.byteLength(block) + Buffer.byteLength(line) > MAX_BLOCK) {
      await blob.appendBlock(block, Buffer.byteLength(block));
      block = '';
    }
    block += `${line}\n`;
  }
  await blob.appendBlock(block, Buffer.byteLength(block));
}
