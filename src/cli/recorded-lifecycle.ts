import { listBlobs, readRecord } from '../azureml/index.js';
import type { Settings } from '../settings.js';
import type { LifecycleStatus } from '../workflows/messages.js';
import { azureFor } from './azure.js';
import { keyOf } from './lifecycle-ids.js';

/**
 * Status of a lifecycle that Temporal has forgotten, from the record that it left in Blob; undefined when there is
 * none. The id holds the commit's first digits only, so the folder is looked up.
 */
export async function recordedLifecycle(
  settings: Settings,
  id: string,
  workspace?: string,
): Promise<LifecycleStatus | undefined> {
  const key = keyOf(id);
  if (key === undefined) return undefined;
  const azure = await azureFor(settings, {
    project: key.project,
    ...(workspace !== undefined && { workspace }),
  });
  const trigger = id.split('/').slice(4).join('/').replaceAll(':', '-');
  const ending = trigger === '' ? 'lifecycle.json' : `${trigger}/lifecycle.json`;
  const blobs = await listBlobs(azure, `mlops/${key.project}/${key.commit}`);
  const path = blobs.find((name) => name.split('/').slice(3).join('/') === ending);
  const text = path === undefined ? undefined : await readRecord(azure, path);
  return text === undefined ? undefined : (JSON.parse(text) as LifecycleStatus);
}
