import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { SourceError } from './source-files.js';
import type { SourceFile } from './walk.js';

/** Bytes that a zip made here may hold: it is in memory until it is sent. */
const LARGEST = 64 * 1024 * 1024;

/** Times are the same in each checkout, so that the same files are the same code. azure-ai-ml takes those of the files. */
const entry = { level: 0, os: 3, mtime: new Date(1980, 0, 1) } as const;
const attributes = { file: (0o100644 << 16) >>> 0, folder: ((0o40755 << 16) | 0x10) >>> 0 };

/**
 * A zip of a folder's files below the folder's own name, packed and ordered as azure-ai-ml does
 * (`_resolve_folder_to_compress` in `_additional_includes.py`).
 */
export async function zippedFolder(folder: string, files: readonly SourceFile[]): Promise<SourceFile> {
  const name = `${basename(folder)}.zip`;
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > LARGEST) {
    const [found, most] = [bytes, LARGEST].map((size) => `${(size / 1024 / 1024).toFixed(0)} MB`);
    const message = `${name} would hold ${found}; at most ${most} are packed: include the folder, or bring data as an input`;
    throw new SourceError(message, 'unreadable', name);
  }
  const entries: Zippable = {
    [`${basename(folder)}/`]: [new Uint8Array(), { ...entry, attrs: attributes.folder }],
  };
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const content = await readFile(file.path);
    entries[`${basename(folder)}/${file.name}`] = [content, { ...entry, attrs: attributes.file }];
  }
  const content = zipSync(entries);
  return { path: `${dirname(folder)}/${name}`, name, size: content.length, content };
}
