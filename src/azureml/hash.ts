import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import type { SourceFile } from './walk.js';

/** SHA-256 in hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of the canonical JSON (RFC 8785): key order does not count. */
export function hashOf(value: unknown): string {
  return sha256(canonicalize(value) ?? 'null');
}

/** Bytes up to which a file is read without the thread pool: waiting for it costs more than a small file is worth. */
const readAtOnce = 256 * 1024;
/** Bytes after which whatever else the process does gets its turn. */
const turn = 4 * 1024 * 1024;

/** A hash of many files, large ones streamed. */
class FilesHash {
  private readonly hash = createHash('sha256');
  private sinceTurn = 0;

  text(text: string): this {
    this.hash.update(text);
    return this;
  }

  async file({ path, size, content }: Omit<SourceFile, 'name'>): Promise<void> {
    if (content !== undefined) {
      this.hash.update(content);
      return;
    }
    if (size > readAtOnce) {
      for await (const chunk of createReadStream(path)) this.hash.update(chunk as Buffer);
      return;
    }
    this.hash.update(readFileSync(path));
    this.sinceTurn += size;
    if (this.sinceTurn < turn) return;
    this.sinceTurn = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }

  digest(): string {
    return this.hash.digest('hex');
  }
}

/**
 * Content hash of code, `hash_sha256` with `hash_version` 202208 of azure-ai-ml (_utils/_asset_utils.get_content_hash):
 * number of files; `#path#` and size of each, ordered by lower-cased path; then all contents in that order.
 */
export async function codeHash(files: readonly SourceFile[]): Promise<string> {
  const ordered = [...files].sort((a, b) => compareCodePoints(a.name.toLowerCase(), b.name.toLowerCase()));
  const hash = new FilesHash().text(String(ordered.length));
  for (const file of ordered) hash.text(`#${file.name}#`).text(String(file.size));
  for (const file of ordered) await hash.file(file);
  return hash.digest();
}

/**
 * Hash in `LocalUpload/{hash}/…` of azure-ai-ml (_utils/_asset_utils.get_object_hash): a seed, then depth first, in
 * the order of the lower-cased paths, each name and content; of a single file its content alone.
 */
export async function objectHash(path: string): Promise<string> {
  const hash = new FilesHash().text('Initialize for october 2021 AML CLI version');
  await addTree(hash, path);
  return hash.digest();
}

async function addTree(hash: FilesHash, path: string): Promise<void> {
  const info = await stat(path);
  if (!info.isDirectory()) {
    await hash.file({ path, size: info.size });
    return;
  }
  const names = await readdir(path);
  names.sort((a, b) => compareCodePoints(a.toLowerCase(), b.toLowerCase()));
  for (const name of names) {
    hash.text(name);
    await addTree(hash, join(path, name));
  }
}

/** Python's order of strings; JavaScript's differs beyond the basic plane only, but then hashes would too. */
export function compareCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** What names an anonymous environment's version. */
export interface EnvironmentParts {
  readonly image?: string;
  readonly conda?: string;
  /** YAML of the routes of an image that serves by itself. */
  readonly inference?: string;
  /** Object hash of the build context. */
  readonly context?: string;
  readonly dockerfile?: string;
}

/**
 * Version of `CliV2AnonymousEnvironment` as azure-ai-ml makes it. Its `a.join(b)` puts `a` between the digits of `b`;
 * environments are shared with the official client only if we do the same.
 */
export function environmentVersion(parts: EnvironmentParts): string {
  if (parts.context !== undefined) {
    const context = sha256(parts.context);
    return parts.dockerfile === undefined
      ? sha256(context)
      : sha256(weave(context, sha256(parts.dockerfile)));
  }
  const texts = [parts.inference, parts.conda].filter((text) => text !== undefined);
  const image = sha256(parts.image ?? '');
  return sha256(texts.reduce((before, text) => weave(before, sha256(text)), image));
}

/** Python's `between.join(digits)`. */
function weave(between: string, digits: string): string {
  return digits.split(/(?=.)/s).join(between);
}

/** A UUID made of a hash: names that Azure wants to look like one, the same for the same content. */
export function guidOf(hash: string): string {
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    hash.slice(12, 16),
    hash.slice(16, 20),
    hash.slice(20, 32),
  ].join('-');
}

/** MD5 as Blob Storage keeps it of each blob. */
export function md5Of(data: Uint8Array): Buffer {
  return createHash('md5').update(data).digest();
}
