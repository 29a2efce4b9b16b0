import type { FileRef } from '../domain/project.js';
import { withGit } from './git-properties.js';
import type { GitState } from './git-properties.js';
import { recordingAssets, unknownWorkspace } from './recording.js';
import type { Step, Workspace } from './recording.js';
import type { SourceFiles } from './source-files.js';
import type { Json, Tags } from './types.js';
import type { Assets, Rest } from './yaml/kind.js';
import { load } from './yaml/load.js';
import type { Loaded } from './yaml/load.js';
import { requestPath } from './yaml/references.js';

export type { Step, TranslatedRequest, TranslatedUpload, Workspace } from './recording.js';
export { unknownWorkspace } from './recording.js';

/** What Azure is sent for a file, with everything that it names put in place through `assets`. */
export function toRest({ kind, value, place }: Loaded, assets: Assets): Promise<Rest> {
  return kind.toRest(value, place, assets);
}

export interface TranslateOptions {
  /** Default: no workspace at all. */
  readonly workspace?: Workspace;
  /** Tree that the files lie in; jobs are sent with it. */
  readonly git?: GitState;
}

export interface Translation {
  /** As in the file names of Microsoft's schemas, `commandJob`. */
  readonly kind: string;
  /** In order; the file's own request is the last one. */
  readonly steps: readonly Step[];
}

/**
 * The requests and uploads that submitting a file makes, without a connection to anything. Throws SpecError with
 * every mistake.
 */
export async function translateFile(
  files: SourceFiles,
  ref: FileRef,
  { workspace = unknownWorkspace, git }: TranslateOptions = {},
): Promise<Translation> {
  const loaded = await load(files, ref);
  const assets = recordingAssets(files, workspace);
  const { resource, method = 'PUT', body, query } = await toRest(loaded, assets);
  const path = requestPath(workspace.id, resource);
  const request = {
    method,
    path,
    ...(query === undefined ? {} : { query }),
    body: git !== undefined && loaded.kind.roles.includes('job') ? gitKnown(body, git) : body,
  };
  return { kind: loaded.kind.name, steps: [...assets.steps, { kind: 'request', request }] };
}

function gitKnown(body: Json, git: GitState): Json {
  const properties = body['properties'] as Json;
  return {
    ...body,
    properties: { ...properties, properties: withGit((properties['properties'] ?? {}) as Tags, git) },
  };
}
