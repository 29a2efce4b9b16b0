import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { fetchIt, isPointer, notTheFile } from '../../domain/lfs.js';
import { SourceError } from '../source-files.js';
import { parseYaml } from './parse.js';
import type { Parsed } from './parse.js';

/** Bytes; the largest of Microsoft's examples has 20 thousand. */
const LARGEST = 4 * 1024 * 1024;

/**
 * A YAML file as it was parsed, mistakes in it among the answer. `path`: absolute, resolved; `name`: how people
 * know it. Throws SourceError for what holds no text of a sane size.
 */
export function readYaml(path: string, name = path): Parsed {
  return parseYaml(textOf(path, name));
}

function textOf(path: string, name: string): string {
  const info = statSync(path);
  const refuse = (message: string) => new SourceError(message, 'unreadable', name);
  if (info.isDirectory()) throw refuse(`${name} is a folder; name a YAML file`);
  // A pipe would be waited for without end.
  if (!info.isFile()) throw refuse(`${name} is a pipe or a device; name a YAML file`);
  if (info.size > LARGEST) {
    const megabytes = (info.size / 1024 / 1024).toFixed(1);
    throw refuse(`${name} holds ${megabytes} MB; a YAML file of this kind has at most 4`);
  }
  const bytes = readFileSync(path);
  if (!isUtf8(bytes)) throw refuse(`${name} is not written in UTF-8${foundIn(bytes)}; save it as UTF-8`);
  const text = bytes.toString('utf8');
  if (isPointer(text)) throw refuse(`${name} ${notTheFile}; ${fetchIt}`);
  return text;
}

/** What a text that is no UTF-8 seems to be. */
function foundIn(bytes: Buffer): string {
  if (/^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2))) return ' but in UTF-16';
  const lines = bytes.toString('latin1').split('\n');
  const wrong = lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')));
  return wrong < 0 ? '' : `: line ${wrong + 1} holds bytes of another encoding`;
}
