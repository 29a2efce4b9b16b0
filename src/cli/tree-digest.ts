import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { compareText } from '../domain/text.js';
import { workingFiles } from './working-files.js';

/**
 * Digest of a tree's contents, in the form of a commit's SHA (40 hexadecimal digits): an unchanged tree is the same
 * lifecycle. Names, contents and link targets count; what git ignores does not.
 */
export async function treeDigest(folder: string): Promise<string> {
  const paths = await workingFiles(folder);
  const tree = createHash('sha256');
  for (const path of paths.sort(compareText)) {
    const contents = await contentDigest(join(folder, path));
    if (contents !== undefined) tree.update(`${path}\0${contents}\0`);
  }
  return tree.digest('hex').slice(0, 40);
}

/** Undefined for a file that git knows and somebody has deleted. */
async function contentDigest(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink() === true) return `link ${await readlink(path)}`;
  if (found?.isFile() !== true) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
