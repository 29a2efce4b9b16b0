import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

const SKIPPED = new Set(['node_modules', 'lib', '.git', '.local', '__pycache__', 'test-artifacts']);

/**
 * SHA-256 over the names and contents of files and folders, in hexadecimal. What does not exist counts as absent, so
 * that its appearance changes the hash.
 * @param {string} base names are taken relative to it, so that two checkouts of one commit agree
 * @param {readonly string[]} paths relative to `base`
 * @param {readonly string[]} extra further strings that the result depends on
 * @param {(path: string) => boolean} wanted filter on the path relative to `base`
 */
export function hashFiles(base, paths, extra = [], wanted = () => true) {
  const hash = createHash('sha256');
  for (const text of extra) hash.update(`${text}\0`);
  const files = paths.flatMap((path) => walk(join(base, path)));
  const names = files.map((file) => relative(base, file).split(sep).join('/')).filter(wanted);
  for (const name of names.sort()) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(base, name)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} file
 * @param {string} value
 * @returns {boolean} whether the stamp was left by work on exactly these inputs
 */
export function isStamped(file, value) {
  return existsSync(file) && readFileSync(file, 'utf8').trim() === value;
}

/**
 * @param {string} file
 * @param {string} value
 */
export function writeStamp(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${value}\n`);
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function walk(path) {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
      SKIPPED.has(entry.name)
        ? []
        : entry.isDirectory()
          ? walk(join(path, entry.name))
          : [join(path, entry.name)],
    );
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOTDIR') return [path];
    throw error;
  }
}
