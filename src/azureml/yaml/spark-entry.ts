import { SourceError, resolveInside } from '../source-files.js';
import type { Place, Problem } from './kind.js';
import type { Path } from './parse.js';
import { parseReference } from './references.js';
import type { SparkEntry } from './spark-parts.js';

interface SparkProgram {
  readonly code?: string | undefined;
  readonly entry: SparkEntry;
}

/**
 * The program of a Spark run lies in its code (`_validate_entry_exist` of azure-ai-ml); code that is not local is not
 * looked into, and a folder that is missing is told where it is named.
 */
export async function checkEntry(
  { code, entry }: SparkProgram,
  place: Place,
  at: Path = ['entry', 'file'],
): Promise<Problem[]> {
  if (code === undefined || entry.file === undefined || parseReference(code) !== undefined) return [];
  const folder = await resolveInside(place.files, place.dir, code).catch(ifSource);
  if (folder === undefined || (await resolveInside(place.files, folder, entry.file).catch(ifSource)))
    return [];
  const message = `${code} holds no such program`;
  return [{ path: at, message, found: entry.file, fix: 'name a file of code:, relative to it' }];
}

function ifSource(thrown: unknown): undefined {
  if (!(thrown instanceof SourceError)) throw thrown;
}
