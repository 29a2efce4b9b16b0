import { open } from 'lmdb';
import { join } from 'node:path';

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
}

export interface Store {
  collection<T>(name: string): Collection<T>;
  /** All writes of `work` (synchronous) become visible together, or none when it throws; one commit, so also the fast way to write many. */
  transaction<R>(work: () => R): R;
  close(): Promise<void>;
}

const LAST = '\u{10ffff}';

/** Opens the emulator's state under `dataDir`; values are JSON, keys at most about 1,900 bytes. */
export function createStore(dataDir: string): Store {
  // noSync: the page cache survives the death of a process; only a crash of the machine can lose the last writes.
  const root = open({ path: join(dataDir, 'state.lmdb'), maxDbs: 64, encoding: 'json', noSync: true });
  const collections = new Map<string, Collection<unknown>>();

  function openCollection(name: string): Collection<unknown> {
    const db = root.openDB<unknown, string>({ name, encoding: 'json' });
    return {
      get: (key) => db.get(key),
      put: (key, value) => {
        db.putSync(key, value);
      },
      remove: (key) => db.removeSync(key),
      list: (prefix) => {
        const range = prefix === undefined ? {} : { start: prefix, end: prefix + LAST };
        return [...db.getRange(range)].map(({ key, value }) => ({ key, value }));
      },
    };
  }

  return {
    collection<T>(name: string) {
      const known = collections.get(name) ?? openCollection(name);
      collections.set(name, known);
      return known as Collection<T>;
    },
    transaction: (work) => root.transactionSync(work),
    close: () => root.close(),
  };
}
