import { z } from 'zod';
import { resolveInside } from '../source-files.js';
import type { Json } from '../types.js';
import { compact, lowerWord, number, object, text } from './fields.js';
import type { Assets, Place } from './kind.js';
import { parseReference } from './references.js';

const collectedData = object(
  { name: text.optional(), path: text.optional(), version: text.optional(), data_id: text.optional() },
  [],
);

/** `data_collector:` of an online deployment. */
export const dataCollector = object(
  {
    collections: z.record(
      z.string(),
      object(
        {
          // A text: the official client refuses YAML's own true.
          enabled: lowerWord(['true', 'false']),
          data: collectedData.optional(),
          client_id: text.optional(),
        },
        [],
      ),
    ),
    rolling_rate: lowerWord(['minute', 'day', 'hour']).optional(),
    sampling_rate: number
      .refine((rate) => rate >= 0 && rate <= 1, 'expected a number from 0 to 1')
      .optional(),
    request_logging: object({ capture_headers: z.array(text).optional() }, []).optional(),
  },
  [],
);

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
      samplingRate: spec.sampling_rate,
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
