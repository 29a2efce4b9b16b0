import { childrenOf } from '../arm/listing.js';
import { nameOf, parentId } from '../ids.js';
import { getResource } from '../resources.js';
import type { StoredResource } from '../resources.js';
import { pairs } from './records.js';
import type { Strings } from './records.js';
import type { Workspace } from './workspace.js';

/** Versions of a registered model, the newest first. */
export function versionsOf(ws: Workspace, model: StoredResource): StoredResource[] {
  const versions = childrenOf(ws.ctx.store, `${model.id}/versions`);
  return versions.sort((left, right) => Number(right._order ?? 0) - Number(left._order ?? 0));
}

/** Name of the model of a version's id `W/models/{name}/versions/{version}`. */
export function modelNameOf(version: StoredResource): string {
  return nameOf(parentId(version.id));
}

/** The run or job that made a version; empty when none is known. */
export function runIdOf({ _runId: run, properties }: StoredResource): string {
  const job = properties['jobName'];
  return typeof run === 'string' ? run : typeof job === 'string' ? job : '';
}

/** Everything is an asset of this workspace, so a version is ready as soon as it exists. */
export function formatVersion(ws: Workspace, version: StoredResource) {
  const { modelUri, description, tags } = version.properties as {
    modelUri?: string;
    description?: string | null;
    tags?: Strings;
  };
  const model = getResource(ws.ctx.store, parentId(version.id));
  const aliases = Object.entries((model?._aliases ?? {}) as Strings);
  return {
    name: modelNameOf(version),
    version: version.name,
    creation_timestamp: Date.parse(version.systemData.createdAt),
    last_updated_timestamp: Date.parse(version.systemData.lastModifiedAt),
    current_stage: version._stage ?? 'None',
    description: description ?? '',
    source: modelUri ?? '',
    run_id: runIdOf(version),
    status: 'READY',
    tags: pairs(tags ?? {}),
    aliases: aliases.filter(([, target]) => target === version.name).map(([alias]) => alias),
    ...(version._modelId === undefined ? {} : { model_id: version._modelId }),
  };
}
