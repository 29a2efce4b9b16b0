import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { EmulatorContext } from '../context.js';
import { userError } from '../errors.js';
import type { JobInput } from './job.js';
import { download } from './transfer.js';
import { resolveUri } from './uris.js';

/** A path of an MLTable: https://learn.microsoft.com/azure/machine-learning/reference-yaml-mltable */
type Path = Readonly<Record<'file' | 'folder' | 'pattern', string>>;

const KINDS = ['file', 'folder', 'pattern'] as const;

/** The text of an MLTable file over data of a workspace. */
export function mltableOf(workspaceId: string, parts: readonly JobInput[]): string {
  const paths = parts.map(({ jobInputType, uri }) => ({
    [/file/.test(jobInputType) ? 'file' : 'folder']: longForm(workspaceId, uri ?? ''),
  }));
  return stringify({ type: 'mltable', paths });
}

/** URIs that say which workspace they belong to, as tables need them that are read elsewhere. */
function longForm(workspaceId: string, uri: string): string {
  const [, short] = /^azureml:\/\/(datastores\/.*)$/.exec(uri) ?? [];
  if (short === undefined) return uri;
  const workspace = workspaceId
    .slice(1)
    .replace('/providers/Microsoft.MachineLearningServices', '')
    .replace('/resourceGroups/', '/resourcegroups/');
  return `azureml://${workspace}/${short}`;
}

/** Fetches what an MLTable below `dir` names elsewhere into folders beside it, and lets it name those. */
export async function fetchPaths(ctx: EmulatorContext, workspaceId: string, dir: string): Promise<void> {
  const file = join(dir, 'MLTable');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const table = read(text);
  const paths = await Promise.all(
    table.paths.map(async (path, at) => {
      const kind = KINDS.find((name) => /^azureml:/.test(path[name] ?? ''));
      if (kind === undefined || kind === 'pattern') return path;
      const fetched = await download(
        ctx,
        resolveUri(ctx, workspaceId, path[kind] ?? ''),
        join(dir, String(at)),
      );
      return { [kind]: `./${fetched.slice(dir.length + 1)}` };
    }),
  );
  await writeFile(file, stringify({ ...table, paths }));
}

function read(text: string): { readonly paths: readonly Partial<Path>[] } {
  try {
    const table = parse(text) as { paths?: Partial<Path>[] } | null;
    return { ...table, paths: Array.isArray(table?.paths) ? table.paths : [] };
  } catch (error) {
    throw userError(
      `Its file MLTable cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
