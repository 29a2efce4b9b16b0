import * as fs from 'node:fs';
import { lstat, readFile, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';
import type { CommitObject, ReadCommitResult, TreeEntry } from 'isomorphic-git';
import { notFound } from './errors.js';
import { lineChanges } from './line-changes.js';
import type { LineChanges } from './line-changes.js';
import { repoKey } from './state.js';

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface ChangedFile extends LineChanges {
  readonly filename: string;
  readonly status: 'added' | 'removed' | 'modified';
  readonly sha: string;
}

export interface TreeFile {
  readonly path: string;
  readonly sha: string;
  readonly mode: string;
}

const NO_FILE = new Uint8Array();
const IGNORED = new Set(['.git', '__pycache__', 'node_modules', '.DS_Store']);

/** One bare repository on disk; every method throws 404 for what is not in it. */
export class GitRepository {
  readonly #cache = {};
  constructor(readonly gitdir: string) {}

  get #at() {
    return { fs, gitdir: this.gitdir, cache: this.#cache };
  }

  async init(defaultBranch: string): Promise<void> {
    await git.init({ ...this.#at, bare: true, defaultBranch });
  }

  async branches(): Promise<string[]> {
    return (await git.listBranches(this.#at)).sort();
  }

  /** The commit of a branch; undefined when there is no such branch. */
  async head(branch: string): Promise<string | undefined> {
    return git.resolveRef({ ...this.#at, ref: `refs/heads/${branch}` }).catch(() => undefined);
  }

  /** The commit of a branch, tag, `heads/…`, or (short) commit id. */
  async resolve(ref: string): Promise<string> {
    const plain = ref.replace(/^refs\//, '');
    for (const name of [`refs/${plain}`, `refs/heads/${plain}`, `refs/tags/${plain}`]) {
      const found = await git.resolveRef({ ...this.#at, ref: name }).catch(() => undefined);
      if (found !== undefined) return (await git.readCommit({ ...this.#at, oid: found })).oid;
    }
    if (!/^[0-9a-f]{4,40}$/i.test(plain)) throw notFound();
    const oid = await git.expandOid({ ...this.#at, oid: plain.toLowerCase() }).catch(() => undefined);
    const commit = oid && (await git.readCommit({ ...this.#at, oid }).catch(() => undefined));
    if (!commit) throw notFound();
    return commit.oid;
  }

  async commit(oid: string): Promise<ReadCommitResult> {
    return git.readCommit({ ...this.#at, oid });
  }

  /** A commit and its ancestors, newest first; those that change `path` when it is given. */
  async log(oid: string, path?: string): Promise<ReadCommitResult[]> {
    const filepath = path === undefined ? {} : { filepath: path, force: true };
    return git.log({ ...this.#at, ref: oid, ...filepath });
  }

  async mergeBase(a: string, b: string): Promise<string | undefined> {
    const bases = (await git.findMergeBase({ ...this.#at, oids: [a, b] })) as string[];
    return bases[0];
  }

  async setBranch(branch: string, oid: string): Promise<void> {
    await git.writeRef({ ...this.#at, ref: `refs/heads/${branch}`, value: oid, force: true });
  }

  /** Commits a folder as the whole tree; returns the parent itself when nothing changed. */
  async commitFolder(
    dir: string,
    parent: string | undefined,
    message: string,
    author: Person,
  ): Promise<string> {
    const tree = await this.#writeFolder(dir);
    if (parent !== undefined && (await this.commit(parent)).commit.tree === tree) return parent;
    const person = { ...author, timestamp: Math.floor(Date.now() / 1000), timezoneOffset: 0 };
    const commit: CommitObject = {
      message: message.endsWith('\n') ? message : `${message}\n`,
      tree,
      parent: parent === undefined ? [] : [parent],
      author: person,
      committer: person,
    };
    return git.writeCommit({ ...this.#at, commit });
  }

  /** Merges `theirs` into the branch `ours`; throws isomorphic-git's MergeConflictError. */
  async merge(ours: string, theirs: string, message: string, author: Person): Promise<string> {
    const result = await git.merge({
      ...this.#at,
      ours,
      theirs,
      message,
      author,
      committer: author,
      fastForward: false,
    });
    return result.oid ?? (await this.resolve(ours));
  }

  async #writeFolder(dir: string): Promise<string> {
    const tree: TreeEntry[] = [];
    for (const name of await readdir(dir)) {
      if (IGNORED.has(name)) continue;
      const entry = await this.#writeEntry(dir, name);
      if (entry) tree.push(entry);
    }
    return git.writeTree({ ...this.#at, tree });
  }

  async #writeEntry(dir: string, name: string): Promise<TreeEntry | undefined> {
    const path = join(dir, name);
    const found = await lstat(path);
    if (found.isDirectory()) {
      const oid = await this.#writeFolder(path);
      // Git has no empty folders.
      const { tree } = await git.readTree({ ...this.#at, oid });
      return tree.length === 0 ? undefined : { mode: '040000', path: name, oid, type: 'tree' };
    }
    if (!found.isFile() && !found.isSymbolicLink()) return undefined;
    const blob = found.isSymbolicLink() ? Buffer.from(await readlink(path)) : await readFile(path);
    const mode = found.isSymbolicLink() ? '120000' : found.mode & 0o100 ? '100755' : '100644';
    return { mode, path: name, oid: await git.writeBlob({ ...this.#at, blob }), type: 'blob' };
  }

  /** All files of a commit, in git's order. */
  async files(oid: string, below = ''): Promise<TreeFile[]> {
    const { tree } = await git.readTree({ ...this.#at, oid });
    const found: TreeFile[] = [];
    for (const entry of tree) {
      const path = below === '' ? entry.path : `${below}/${entry.path}`;
      if (entry.type === 'tree') found.push(...(await this.files(entry.oid, path)));
      else if (entry.type === 'blob') found.push({ path, sha: entry.oid, mode: entry.mode });
    }
    return found;
  }

  async blob(oid: string): Promise<Uint8Array> {
    return (await git.readBlob({ ...this.#at, oid })).blob;
  }

  /** What stands at a path of a commit: the entries of a folder, or a file. */
  async entry(
    oid: string,
    filepath: string,
  ): Promise<{ tree: TreeEntry[] } | { blob: Uint8Array; sha: string }> {
    const path = filepath.replace(/^\/+|\/+$/g, '');
    const at = path === '' ? { oid } : { oid, filepath: path };
    const tree = await git.readTree({ ...this.#at, ...at }).catch(() => undefined);
    if (tree) return { tree: tree.tree };
    const blob = await git.readBlob({ ...this.#at, ...at }).catch(() => undefined);
    if (blob === undefined) throw notFound();
    return { blob: blob.blob, sha: blob.oid };
  }

  /** Files that differ between two commits; all files when `from` is undefined. No renames are looked for. */
  async diff(from: string | undefined, to: string): Promise<ChangedFile[]> {
    const before = new Map(
      (from === undefined ? [] : await this.files(from)).map((file) => [file.path, file]),
    );
    const changes: ChangedFile[] = [];
    const add = async (filename: string, status: ChangedFile['status'], old?: string, now?: string) => {
      const read = (sha?: string) => (sha === undefined ? NO_FILE : this.blob(sha));
      const lines = lineChanges(await read(old), await read(now));
      changes.push({ filename, status, sha: now ?? old ?? '', ...lines });
    };
    for (const { path, sha, mode } of await this.files(to)) {
      const old = before.get(path);
      before.delete(path);
      if (old === undefined) await add(path, 'added', undefined, sha);
      else if (old.sha !== sha || old.mode !== mode) await add(path, 'modified', old.sha, sha);
    }
    for (const { path, sha } of before.values()) await add(path, 'removed', sha);
    return changes.sort((a, b) => (a.filename < b.filename ? -1 : 1));
  }
}

/** The repositories on disk, by owner and name. */
export function createRepositories(root: string): (repo: { owner: string; name: string }) => GitRepository {
  const open = new Map<string, GitRepository>();
  return (repo) => {
    const key = repoKey(repo);
    const known = open.get(key) ?? new GitRepository(join(root, `${key}.git`));
    open.set(key, known);
    return known;
  };
}
