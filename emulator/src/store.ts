import { open } from 'lmdb';
import { join } from 'node:path';
import { createChanges } from './changes.js';
import type { Changes } from './changes.js';

export interface Entry<T> {
  readonly key: string;
  readonly value: T;
}

/** A named, ordered set of JSON values. Reads give fresh copies: changing one changes nothing until `put`. */
export interface Collection<T> {
  get(key: string): T | undefined;
  /** Written when it returns: it survives the death of this process. */
  put(key: string, value: T): void;
  /** True when there was something to remove. */
  remove(key: string): boolean;
  /** Entries ordered by key, all of them or those whose key begins with `prefix`. */
  list(prefix?: string): Entry<T>[];
  /** Keys alone, which costs little where there are many large values. */
  keys(prefix?: string): string[];
}

export interface Store {
  collection<T>(name: string): Collection<T>;
  /** All writes of `work` (synchronous) become visible together, or none when it throws; one commit, so also the fast way to write many. */
  transaction<R>(work: () => R): R;
  /** Told of every write, and of what services keep beside the store (logs, requests). */
  readonly changes: Changes;
  close(): Promise<void>;
}

/** A job is about 2 kB of JSON, half a page of the map: compressed, several share a page. Plain values of earlier folders are read as they are. */
const COMPRESSION = { threshold: 300 };

/** Reserved, not taken: a map that has to grow stays mapped beside the new one, and its pages count twice. */
const MAP_SIZE = 1024 ** 3;

const LAST = '\u{10ffff}';

/** Opens the emulator's state under `dataDir`; values are JSON, keys at most about 1,900 bytes. */
export function createStore(dataDir: string): Store {
  // noSync: the page cache survives the death of a process; only a crash of the machine can lose the last writes.
  const root = open({
    path: join(dataDir, 'state.lmdb'),
    maxDbs: 64,
    encoding: 'json',
    noSync: true,
    compression: COMPRESSION,
    mapSize: MAP_SIZE,
  });
  const changes = createChanges();
  const collections = new Map<string, Collection<unknown>>();

  function openCollection(name: string): Collection<unknown> {
    const db = root.openDB<unknown, string>({ name, encoding: 'json' });
    const below = (prefix: string | undefined) =>
      prefix === undefined ? {} : { start: prefix, end: prefix + LAST };
    return {
      get: (key) => db.get(key),
      put: (key, value) => {
        db.putSync(key, value);
        changes.tell({ collection: name, key });
      },
      remove: (key) => {
        const removed = db.removeSync(key);
        if (removed) changes.tell({ collection: name, key });
        return removed;
      },
      list: (prefix) => [...db.getRange(below(prefix))].map(({ key, value }) => ({ key, value })),
      keys: (prefix) => [...db.getKeys(below(prefix))],
    };
  }

  return {
    collection<T>(name: string) {
      const known = collections.get(name) ?? openCollection(name);
      collections.set(name, known);
      return known as Collection<T>;
    },
    changes,
    transaction: (work) => root.transactionSync(work),
    close: () => root.close(),
  };
}
