import { z } from 'zod';
import type { Json } from '../types.js';
import { autoDelete } from './auto-delete.js';
import {
  anything,
  compact,
  fileObject,
  isMapping,
  lowerWord,
  object,
  text,
  variant,
  version,
} from './fields.js';
import type { Problem } from './kind.js';
import type { Path } from './parse.js';
import { parseReference } from './references.js';

const parameter = object({ name: text.optional(), value: text.optional(), type: text.optional() }, []);

interface Source {
  readonly type: 'database' | 'file_system';
  readonly connection: string;
  readonly query?: string | undefined;
  readonly path?: string | undefined;
  readonly table_name?: string | undefined;
  readonly stored_procedure?: string | undefined;
  readonly stored_procedure_params?: readonly Json[] | undefined;
}

const database = object(
  {
    type: lowerWord(['database']),
    table_name: text.optional(),
    query: text.optional(),
    stored_procedure: text.optional(),
    stored_procedure_params: z.array(parameter).optional(),
    connection: text,
  },
  [],
);
const fileSystem = object({ type: lowerWord(['file_system']), path: text.optional(), connection: text }, []);

/** Files are what is imported unless the source says otherwise. */
function typed(source: unknown): unknown {
  return isMapping(source) && source['type'] === undefined ? { ...source, type: 'file_system' } : source;
}

/** Data that a connection brings in: `az ml data import`, and the same in a schedule. */
export const dataImport = fileObject(
  {
    name: text,
    version: version.optional(),
    id: text.optional(),
    description: text.optional(),
    tags: anything.optional(),
    type: z.enum(['uri_folder', 'uri_file', 'mltable']).optional(),
    path: text,
    datastore: text.optional(),
    auto_delete_setting: autoDelete.optional(),
    source: z.preprocess(typed, variant<Source>('type', { database, file_system: fileSystem })),
  },
  ['creation_context', 'latest_version', 'properties'],
);
export type DataImport = z.infer<typeof dataImport>;

/** Imported data lies in a folder of its own: its name, unless the path says so itself. */
export function importedTo({ path }: DataImport): string {
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed.endsWith('/${{name}}')) return trimmed;
  const isManaged = trimmed === 'azureml://datastores/workspacemanageddatastore';
  return `${trimmed}${isManaged ? '/paths' : ''}/\${{name}}`;
}

/** What a source makes, whatever the file says. */
export function importedType({ source }: DataImport): string {
  return source.type === 'database' ? 'mltable' : 'uri_folder';
}

export function checkImport({ name, path }: DataImport, at: Path = []): Problem[] {
  if (!/^[\w-]{1,255}$/.test(name)) {
    const message = 'expected letters, digits, dashes and underscores, at most 255';
    return [{ path: [...at, 'name'], message, found: name }];
  }
  if (parseReference(path)?.kind === 'uri') return [];
  const fix = 'write azureml://datastores/<datastore>/paths/<folder>';
  return [{ path: [...at, 'path'], message: 'data is imported to a datastore', found: path, fix }];
}

/** `dataImportDefinition` of a schedule. */
export function definitionBody(spec: DataImport): Json {
  const { source } = spec;
  return compact({
    isAnonymous: false,
    isArchived: false,
    dataType: 'uri_folder',
    dataUri: spec.path,
    source: compact({
      sourceType: source.type,
      connection: source.connection,
      ...(source.type === 'database' ? { query: source.query } : { path: source.path }),
    }),
    description: spec.description,
    properties: {},
    tags: spec.tags ?? {},
    assetName: spec.name,
  });
}
