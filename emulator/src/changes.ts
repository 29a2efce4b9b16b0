/** Something that was written: a value of a stored collection, or what a service keeps beside the store. */
export interface Change {
  readonly collection: string;
  readonly key: string;
}

/** Tells who watches that something was written, so that nobody has to look again and again. */
export interface Changes {
  tell(change: Change): void;
  /** Returns what ends the watch. `watcher` is called in the midst of a write, which may yet be taken back: it only takes note. */
  watch(watcher: (change: Change) => void): () => void;
}

export function createChanges(): Changes {
  const watchers = new Set<(change: Change) => void>();
  return {
    tell: (change) => {
      for (const watcher of watchers) watcher(change);
    },
    watch: (watcher) => {
      watchers.add(watcher);
      return () => {
        watchers.delete(watcher);
      };
    },
  };
}
