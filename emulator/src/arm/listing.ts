import { keyOf } from '../ids.js';
import { resourcesOf } from '../resources.js';
import type { StoredResource } from '../resources.js';
import type { Store } from '../store.js';
import { AzureError } from '../errors.js';
import type { ArmReply, ArmRequest } from './types.js';
import { visible } from './replies.js';

const PAGE = 100;

/** The resources directly in a collection such as `W/jobs` (not those below them). */
export function childrenOf(store: Store, collectionId: string): StoredResource[] {
  const prefix = `${keyOf(collectionId)}/`;
  return resourcesOf(store)
    .list(prefix)
    .filter(({ key }) => !key.slice(prefix.length).includes('/'))
    .map(({ value }) => value);
}

/** One page in Azure's form, with the filters that list operations of Azure ML share: `listViewType`, `tags`, `tag`, `$orderBy`, `$top`, `$skip`. */
export function listReply(
  request: ArmRequest,
  resources: readonly StoredResource[],
  present: (resource: StoredResource) => unknown = visible,
): ArmReply {
  const { query } = request;
  const wanted = ordered(
    resources.filter(byView(query)).filter(byTags(query)),
    query['$orderBy'] ?? query['orderBy'],
  );
  const skip = count(query['$skip'], '$skip') ?? 0;
  const top = Math.min(count(query['$top'] ?? query['count'], '$top') ?? PAGE, PAGE);
  const value = wanted.slice(skip, skip + top).map(present);
  if (skip + top >= wanted.length) return { status: 200, body: { value } };
  const next = new URLSearchParams({ ...query, $skip: String(skip + top) });
  return {
    status: 200,
    body: { value, nextLink: `${request.base}${encodeURI(request.path)}?${next.toString()}` },
  };
}

function count(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text)) {
    throw new AzureError(
      400,
      'InvalidParameter',
      `${name} must be a whole number of at least 0, found '${text}'.`,
    );
  }
  return Number(text);
}

function byView(query: ArmRequest['query']): (resource: StoredResource) => boolean {
  const view = (query['listViewType'] ?? 'ActiveOnly').toLowerCase();
  if (view === 'all') return () => true;
  return ({ properties }) => (properties['isArchived'] === true) === (view === 'archivedonly');
}

/** `tags=a=1,b` (assets: all must hold) and `tag=a` or `tag=a=1` (jobs). */
function byTags(query: ArmRequest['query']): (resource: StoredResource) => boolean {
  const wanted = [query['tags'], query['tag']]
    .flatMap((text) => (text ?? '').split(','))
    .filter((text) => text !== '');
  return (resource) => {
    const tags = (resource.properties['tags'] ?? resource.tags ?? {}) as Record<string, unknown>;
    return wanted.every((text) => {
      const [name = '', ...value] = text.split('=');
      return name in tags && (value.length === 0 || String(tags[name]) === value.join('='));
    });
  };
}

/** Newest first unless `createdtime asc` is asked for: what `@latest` look-ups rely on. */
function ordered(resources: readonly StoredResource[], order: string | undefined): StoredResource[] {
  const descending = !/\basc\b/i.test(order ?? 'createdtime desc');
  const sorted = resources.map((resource) => ({ created: created(resource), resource }));
  sorted.sort((a, b) => (a.created < b.created ? -1 : Number(a.created > b.created)));
  if (descending) sorted.reverse();
  return sorted.map(({ resource }) => resource);
}

/** ISO times in UTC are in order as texts are; `_order` settles resources that were made in the same millisecond. */
function created(resource: StoredResource): string {
  return `${resource.systemData.createdAt}/${String(Number(resource['_order'] ?? 0)).padStart(16, '0')}`;
}
