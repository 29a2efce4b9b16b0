import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { datastore } from './blobs.js';
import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { codeFolder } from './code-folder.js';
import { codeHash, guidOf, objectHash, sha256 } from './hash.js';
import { latestVersion } from './port.js';
import type { SourceFiles } from './source-files.js';
import { filesOf } from './walk.js';
import type { Assets } from './yaml/kind.js';

/**
 * What translating needs, without changing anything: uploads and registrations are only named. Where a file names no
 * version, the newest one is compared.
 */
export function planningAssets(ml: AzureMl, files: SourceFiles): Assets {
  return {
    workspace: ml.id,
    location: () => Promise.resolve(ml.target.location),
    async code(path, options) {
      const hash = await codeHash((await codeFolder(path, files.root, options)).files);
      return `${ml.id}/codes/${guidOf(hash)}/versions/1`;
    },
    codeAt: (address) => Promise.resolve(`${ml.id}/codes/${guidOf(sha256(address))}/versions/1`),
    async upload(path, asset) {
      const name = asset.datastore ?? 'workspaceblobstore';
      const isFolder = (await stat(path)).isDirectory();
      await filesOf(path, files);
      const uploaded = `LocalUpload/${await objectHash(path)}/${basename(path)}`;
      const url = await unlessMissing(async () => (await datastore(ml, name)).url);
      return { datastore: name, path: uploaded, isFolder, url: `${url ?? ''}/${uploaded}` };
    },
    register: (type, name, version) => Promise.resolve(`${ml.id}/${type}/${name}/versions/${version}`),
    latest: (type, name) => latestVersion(ml, type, name),
    next: async (type, name) => (await unlessMissing(() => latestVersion(ml, type, name))) ?? '1',
  };
}

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof AzureError && thrown.status === 404) return undefined;
    throw thrown;
  }
}
