import { childrenOf } from '../arm/listing.js';
import { getResource, putResource, resourcesOf } from '../resources.js';
import type { StoredResource } from '../resources.js';
import { ensureContainer } from '../runner/assets.js';
import { keyOf } from '../ids.js';
import { invalid, MlflowError, notFound } from './errors.js';
import { formatVersion, versionsOf } from './model-version-format.js';
import { pairs } from './records.js';
import type { Strings } from './records.js';
import { integer, keyValues, optional, route, text, texts } from './routes.js';
import type { Route } from './routes.js';
import { filterBy, orderBy, page } from './search.js';
import type { Field } from './search.js';
import type { Workspace } from './workspace.js';

/** Registered models are the containers of ARM's model versions, so that both APIs show the same. */
export function getModel(ws: Workspace, name: string): StoredResource {
  const found = getResource(ws.ctx.store, `${ws.id}/models/${name}`);
  if (found === undefined) throw notFound(`Registered Model with name=${name}`);
  return found;
}

/** Alias → version, kept with the container; ARM has no aliases. */
export function aliasesOf(model: StoredResource): Strings {
  return (model._aliases ?? {}) as Strings;
}

export function tagsOf(resource: StoredResource): Strings {
  return (resource.properties['tags'] ?? {}) as Strings;
}

/** Value of a tag in a search. MLflow's clients ask for models that are no prompts, and untagged models are none. */
export function searchedTag(resource: StoredResource, key: string): string | undefined {
  return tagsOf(resource)[key] ?? (key === 'mlflow.prompt.is_prompt' ? 'false' : undefined);
}

/** Stores new property fields of a model or version. */
export function saveProperties(
  ws: Workspace,
  resource: StoredResource,
  fields: Record<string, unknown>,
): StoredResource {
  const lastModifiedAt = new Date().toISOString();
  const properties = { ...resource.properties, ...fields };
  const changed = { ...resource, properties, systemData: { ...resource.systemData, lastModifiedAt } };
  putResource(ws.ctx.store, changed);
  return changed;
}

function format(ws: Workspace, model: StoredResource) {
  const versions = versionsOf(ws, model);
  const latest = versions[0];
  return {
    name: model.name,
    creation_timestamp: Date.parse(model.systemData.createdAt),
    last_updated_timestamp: Date.parse(model.systemData.lastModifiedAt),
    description: model.properties['description'] ?? '',
    latest_versions: latest === undefined ? [] : [formatVersion(ws, latest)],
    tags: pairs(tagsOf(model)),
    aliases: Object.entries(aliasesOf(model)).map(([alias, version]) => ({ alias, version })),
  };
}

function lookup(model: StoredResource, { kind, key }: Field): string | number | undefined {
  if (kind === 'tags') return searchedTag(model, key);
  if (kind !== 'attributes') throw invalid(`Registered models have no ${kind}.`);
  if (key === 'name') return model.name;
  if (key === 'last_updated_timestamp') return Date.parse(model.systemData.lastModifiedAt);
  return key === 'creation_timestamp' ? Date.parse(model.systemData.createdAt) : undefined;
}

/** Sets or, without a version, removes an alias. */
function setAlias(ws: Workspace, name: string, alias: string, version: string | undefined): void {
  const model = getModel(ws, name);
  const others = Object.fromEntries(Object.entries(aliasesOf(model)).filter(([key]) => key !== alias));
  putResource(ws.ctx.store, {
    ...model,
    _aliases: version === undefined ? others : { ...others, [alias]: version },
  });
}

function versionNamed(ws: Workspace, name: string, version: string): StoredResource {
  const found = versionsOf(ws, getModel(ws, name)).find((one) => one.name === version);
  if (found === undefined) throw notFound(`Model Version (name=${name}, version=${version})`);
  return found;
}

const byName = { name: text };
const latestFields = { ...byName, stages: texts };
const latest = (ws: Workspace, { name, stages }: { name: string; stages: string[] }) => {
  const versions = versionsOf(ws, getModel(ws, name));
  const wanted = stages.length === 0 ? ['None', 'Staging', 'Production'] : stages;
  const newest = wanted.map((stage) => versions.find((version) => (version._stage ?? 'None') === stage));
  return {
    model_versions: newest
      .filter((version) => version !== undefined)
      .map((version) => formatVersion(ws, version)),
  };
};

export const registeredModelRoutes: readonly Route[] = [
  route(
    'POST',
    'registered-models/create',
    { ...byName, tags: keyValues, description: optional(text) },
    (ws, input) => {
      if (getResource(ws.ctx.store, `${ws.id}/models/${input.name}`) !== undefined)
        throw new MlflowError(
          'RESOURCE_ALREADY_EXISTS',
          `Registered Model (name=${input.name}) already exists.`,
        );
      const { tags, description = null } = input;
      return {
        registered_model: format(
          ws,
          ensureContainer(ws.ctx, ws.id, 'models', input.name, { tags, description }),
        ),
      };
    },
  ),
  route('GET', 'registered-models/get', byName, (ws, { name }) => ({
    registered_model: format(ws, getModel(ws, name)),
  })),
  route(
    'PATCH',
    'registered-models/update',
    { ...byName, description: optional(text) },
    (ws, { name, description }) => ({
      registered_model: format(
        ws,
        saveProperties(ws, getModel(ws, name), { description: description ?? '' }),
      ),
    }),
  ),
  route('POST', 'registered-models/rename', { ...byName, new_name: text }, () => {
    throw invalid(
      'Azure Machine Learning does not rename registered models: register the versions under the new name.',
    );
  }),
  route('DELETE', 'registered-models/delete', byName, (ws, { name }) => {
    const key = keyOf(getModel(ws, name).id);
    const resources = resourcesOf(ws.ctx.store);
    for (const entry of resources.list(`${key}/`)) resources.remove(entry.key);
    resources.remove(key);
  }),
  route(
    'GET',
    'registered-models/search',
    { filter: optional(text), max_results: optional(integer), order_by: texts, page_token: optional(text) },
    (ws, input) => {
      const all = childrenOf(ws.ctx.store, `${ws.id}/models`);
      const found = orderBy(filterBy(all, input.filter, lookup), [...input.order_by, 'name'], lookup);
      const { items, ...next } = page(found, input.max_results, input.page_token, 100);
      return { registered_models: items.map((model) => format(ws, model)), ...next };
    },
  ),
  route('GET', 'registered-models/get-latest-versions', latestFields, latest),
  route('POST', 'registered-models/get-latest-versions', latestFields, latest),
  route(
    'POST',
    'registered-models/set-tag',
    { ...byName, key: text, value: text },
    (ws, { name, key, value }) => {
      const model = getModel(ws, name);
      saveProperties(ws, model, { tags: { ...tagsOf(model), [key]: value } });
    },
  ),
  route('DELETE', 'registered-models/delete-tag', { ...byName, key: text }, (ws, { name, key }) => {
    const model = getModel(ws, name);
    saveProperties(ws, model, {
      tags: Object.fromEntries(Object.entries(tagsOf(model)).filter(([tag]) => tag !== key)),
    });
  }),
  route(
    'POST',
    'registered-models/alias',
    { ...byName, alias: text, version: text },
    (ws, { name, alias, version }) => {
      setAlias(ws, name, alias, versionNamed(ws, name, version).name);
    },
  ),
  route('DELETE', 'registered-models/alias', { ...byName, alias: text }, (ws, { name, alias }) => {
    setAlias(ws, name, alias, undefined);
  }),
  route('GET', 'registered-models/alias', { ...byName, alias: text }, (ws, { name, alias }) => {
    const version = aliasesOf(getModel(ws, name))[alias];
    if (version === undefined) throw notFound(`Registered model alias ${alias}`);
    return { model_version: formatVersion(ws, versionNamed(ws, name, version)) };
  }),
];
