import { z } from 'zod';
import { resolveInside } from '../source-files.js';
import type { Json } from '../types.js';
import { choose, compact, number, object, text, version, word } from './fields.js';
import type { Assets, Place } from './kind.js';
import { parseReference, versionId } from './references.js';

const enabled = choose<string>((value) =>
  typeof value === 'boolean' ? z.boolean().transform(String) : word(['true', 'false']),
);

const collectedData = object({ name: text.optional(), version: version.optional(), path: text.optional() });

/** `data_collector:` of a managed deployment. */
export const dataCollector = object({
  collections: z.record(
    z.string(),
    object({
      enabled: enabled.optional(),
      sampling_rate: number.optional(),
      data: choose<string | z.infer<typeof collectedData>>((value) =>
        typeof value === 'string' ? text : collectedData,
      ).optional(),
      client_id: text.optional(),
    }),
  ),
  rolling_rate: word(['minute', 'hour', 'day', 'month', 'year']).optional(),
  sampling_rate: number.optional(),
  request_logging: object({ capture_headers: z.array(text).optional() }).optional(),
});

type Spec = z.infer<typeof dataCollector>;
type Collection = Spec['collections'][string];

/** Body of `dataCollector`; each collection's folder is registered as a data asset first, as the official client does. */
export async function dataCollectorBody(
  spec: Spec,
  target: { readonly endpoint: string; readonly deployment: string },
  place: Place,
  assets: Assets,
): Promise<Json> {
  const collections: Record<string, Json> = {};
  for (const [name, collection] of Object.entries(spec.collections)) {
    collections[name] = compact({
      dataCollectionMode: collection.enabled === 'true' ? 'enabled' : 'disabled',
      samplingRate: collection.sampling_rate ?? spec.sampling_rate,
      clientId: collection.client_id,
      dataId: await dataId(name, collection, target, place, assets),
    });
  }
  return compact({
    collections,
    rollingRate: spec.rolling_rate,
    requestLogging:
      spec.request_logging === undefined
        ? undefined
        : compact({ captureHeaders: spec.request_logging.capture_headers }),
  });
}

async function dataId(
  name: string,
  collection: Collection,
  { endpoint, deployment }: { readonly endpoint: string; readonly deployment: string },
  place: Place,
  assets: Assets,
): Promise<string> {
  const { data } = collection;
  if (typeof data === 'string') {
    const reference = parseReference(data);
    if (reference?.kind === 'version')
      return versionId(assets.workspace, 'data', reference.name, reference.version);
    return data;
  }
  const folder = `azureml://datastores/workspaceblobstore/paths/modelDataCollector/${endpoint}/${deployment}/${name}`;
  return assets.register('data', data?.name ?? `${endpoint}-${deployment}-${name}`, data?.version ?? '1', {
    isAnonymous: false,
    tags: {},
    isArchived: false,
    properties: {},
    dataUri: data?.path === undefined ? folder : await uriOf(data.path, place, assets),
    dataType: 'uri_folder',
  });
}

async function uriOf(path: string, place: Place, assets: Assets): Promise<string> {
  if (parseReference(path) !== undefined) return path;
  const local = await resolveInside(place.files, place.dir, path);
  const uploaded = await assets.upload(local, { name: 'collected', version: '1' });
  return `azureml://datastores/${uploaded.datastore}/paths/${uploaded.path}`;
}
