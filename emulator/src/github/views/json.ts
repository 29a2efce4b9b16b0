import type { Item } from '../state.js';

export type Json = Record<string, unknown>;

export function nodeId(kind: string, id: number): string {
  return `${kind}_${Buffer.from(String(id)).toString('base64url')}`;
}

export function itemView(kind: string, { id, createdAt, updatedAt }: Item): Json {
  return { id, node_id: nodeId(kind, id), created_at: createdAt, updated_at: updatedAt };
}

/** Addresses below `base`: each name's path, such as `{/sha}`, added to it. */
export function addresses(base: string, paths: Readonly<Record<string, string>>): Json {
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [`${name}_url`, `${base}${path}`]));
}

/** ISO 8601 without fractions, as GitHub writes times. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}
