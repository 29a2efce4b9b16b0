import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { resolveInside } from '../../source-files.js';
import { common, compact, object, text, texts, version, word } from '../fields.js';
import { kind } from '../kind.js';
import type { Place } from '../kind.js';
import { parseYaml } from '../parse.js';
import { checkPath } from '../paths.js';
import { parseReference } from '../references.js';

const schema = object({
  ...common,
  name: text,
  version: version.optional(),
  type: word(['uri_folder', 'uri_file', 'mltable']).optional(),
  path: text,
  properties: texts.optional(),
  datastore: text.optional(),
});
type Data = z.infer<typeof schema>;

/** `az ml data create`. */
export const data = kind<Data>({
  name: 'data',
  roles: ['setup'],
  order: 3,
  detects: (value) =>
    /^(undefined|uri_folder|uri_file|mltable)$/i.test(String(value['type'])) && 'path' in value,
  schema,
  check: (spec, place) => checkPath(place, spec.path, ['path'], spec.type === 'uri_file' ? 'file' : 'folder'),
  async toRest(spec, place, assets) {
    const made = spec.version ?? (await assets.next('data', spec.name));
    const local = parseReference(spec.path) === undefined;
    const path = local ? await resolveInside(place.files, place.dir, spec.path) : spec.path;
    const owner = {
      name: spec.name,
      version: made,
      ...(spec.datastore === undefined ? {} : { datastore: spec.datastore.replace(/^azureml:/i, '') }),
    };
    const uploaded = local ? await assets.upload(path, owner) : undefined;
    const properties = compact({
      description: spec.description,
      isAnonymous: false,
      tags: spec.tags ?? {},
      isArchived: false,
      properties: spec.properties ?? {},
      dataUri:
        uploaded === undefined
          ? spec.path
          : `azureml://datastores/${uploaded.datastore}/paths/${uploaded.path}`,
      dataType: spec.type ?? 'uri_folder',
      referencedUris: spec.type === 'mltable' && local ? await referencedBy(path, place) : undefined,
    });
    return { resource: `/data/${spec.name}/versions/${made}`, body: { properties } };
  },
});

/** What an MLTable file lists under `paths`. */
async function referencedBy(folder: string, place: Place): Promise<string[]> {
  const file = await resolveInside(place.files, folder, join(folder, 'MLTable'));
  const { value } = parseYaml(await readFile(file, 'utf8'));
  const paths = (value as { paths?: Record<string, unknown>[] } | undefined)?.paths ?? [];
  return paths.flatMap((entry) => Object.values(entry).map(String));
}
