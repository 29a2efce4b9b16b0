import { z } from 'zod';
import { guidOf, sha256 } from '../../hash.js';
import { resolveInside } from '../../source-files.js';
import { autoDelete, autoDeleteBody } from '../auto-delete.js';
import { anything, compact, fileObject, text, version } from '../fields.js';
import { kind } from '../kind.js';
import type { Place, Problem } from '../kind.js';
import { checkTable, referencedBy } from '../mltable.js';
import { checkPath } from '../paths.js';
import { parseReference } from '../references.js';

const schema = fileObject(
  {
    name: text.optional(),
    version: version.optional(),
    id: text.optional(),
    description: text.optional(),
    tags: anything.optional(),
    type: z.enum(['uri_folder', 'uri_file', 'mltable']).optional(),
    path: text,
    datastore: text.optional(),
    auto_delete_setting: autoDelete.optional(),
  },
  ['creation_context', 'latest_version', 'properties'],
);
type Data = z.infer<typeof schema>;

/** `az ml data create`. */
export const data = kind<Data>({
  name: 'data',
  roles: ['setup'],
  order: 3,
  detects: (value) =>
    /^(undefined|uri_folder|uri_file|mltable)$/i.test(String(value['type'])) &&
    'path' in value &&
    !('source' in value),
  schema,
  check: (spec, place) => checkPlace(spec, place),
  async toRest(spec, place, assets) {
    const anonymous = spec.name === undefined;
    const name = spec.name ?? guidOf(sha256(spec.path));
    const made = spec.version ?? (anonymous ? '1' : await assets.next('data', name));
    const local = parseReference(spec.path) === undefined;
    const path = local ? await resolveInside(place.files, place.dir, spec.path) : spec.path;
    const owner = {
      name,
      // What the official client marks an upload with where the file names no version.
      version: spec.version ?? 'None',
      ...(spec.datastore === undefined ? {} : { datastore: spec.datastore.replace(/^azureml:/i, '') }),
    };
    const uploaded = local ? await assets.upload(path, owner) : undefined;
    const properties = compact({
      description: spec.description,
      isAnonymous: anonymous,
      tags: spec.tags ?? {},
      isArchived: false,
      properties: {},
      dataUri:
        uploaded === undefined
          ? spec.path
          : `azureml://datastores/${uploaded.datastore}/paths/${uploaded.path}`,
      dataType: spec.type ?? 'uri_folder',
      autoDeleteSetting:
        spec.auto_delete_setting === undefined ? undefined : autoDeleteBody(spec.auto_delete_setting),
      referencedUris: spec.type === 'mltable' && local ? await referencedBy(place, path) : undefined,
    });
    return { resource: `/data/${name}/versions/${made}`, body: { properties } };
  },
});

async function checkPlace(spec: Data, place: Place): Promise<Problem[]> {
  if (spec.version !== undefined && spec.name === undefined) {
    return [{ path: ['version'], message: 'a version without a name', fix: 'add name:' }];
  }
  const reference = parseReference(spec.path);
  if (/^(file:|runs:\/)/.test(spec.path) || (reference !== undefined && reference.kind !== 'uri')) {
    return [
      {
        path: ['path'],
        message: 'data lies in a file, a folder or at an address; this is none',
        found: spec.path,
        fix: 'write a local path, azureml://datastores/<datastore>/paths/… or https://…',
      },
    ];
  }
  const missing = await checkPath(place, spec.path, ['path'], spec.type === 'uri_file' ? 'file' : 'folder');
  if (missing.length > 0 || reference !== undefined || spec.type !== 'mltable') return missing;
  return checkTable(place, spec.path, ['path']);
}
