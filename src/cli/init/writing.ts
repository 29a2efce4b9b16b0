import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { type Io, say } from '../io.js';
import type { Asker } from './asking.js';

export type Written = 'written' | 'unchanged' | 'kept';

/** A file's text, by its path from the repository's root. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

export interface WriteOptions {
  /** Shows what would be written, and writes nothing. */
  readonly dryRun: boolean;
  /** Replaces files without asking. */
  readonly overwrite: boolean;
}

/** Writes a file. One that is there and differs is shown as a diff, and replaced only if somebody says so. */
export async function writeNew(
  io: Io,
  root: string,
  { path, text }: NewFile,
  ask: Asker,
  { dryRun, overwrite }: WriteOptions,
): Promise<Written> {
  const place = join(root, path);
  const before = await readFile(place, 'utf8').catch(() => undefined);
  if (before === text) return 'unchanged';
  if (dryRun || before !== undefined) {
    say(
      io,
      createTwoFilesPatch(before === undefined ? '/dev/null' : `a/${path}`, `b/${path}`, before ?? '', text),
    );
  }
  if (dryRun) return 'kept';
  if (before !== undefined && !overwrite && !(await ask.confirm(`Replace ${path}?`, false))) return 'kept';
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, text);
  return 'written';
}
