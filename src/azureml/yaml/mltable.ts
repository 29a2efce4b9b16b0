import { join } from 'node:path';
import { z } from 'zod';
import { resolveInside, shown } from '../source-files.js';
import { firstOf, object, openObject, text } from './fields.js';
import type { Place, Problem } from './kind.js';
import { mistakesIn } from './mistakes.js';
import type { Path } from './parse.js';
import { checkPath } from './paths.js';
import { readYaml } from './read.js';

const filled = text.min(1, 'an empty path');
const entry = firstOf<Readonly<Record<string, string>>>(
  object({ file: filled }, []),
  object({ folder: filled }, []),
  object({ pattern: filled }, []),
);

/** What of an MLTable file the official client asks for. */
const table = openObject({ paths: z.array(entry), transformations: z.array(z.unknown()).optional() });

const FIX = 'an mltable is a folder with a file MLTable';

/** What is wrong with the file MLTable in a folder. `folder` as the YAML file names it. */
export async function checkTable(place: Place, folder: string, at: Path): Promise<Problem[]> {
  const name = `${folder.replace(/\/+$/, '')}/MLTable`;
  const missing = await checkPath(place, name, at, 'yaml');
  if (missing.length > 0) return missing.map((problem) => ({ ...problem, fix: FIX }));
  const path = await resolveInside(place.files, place.dir, name);
  const mistakes = mistakesIn(shown(place.files, path), readYaml(path, shown(place.files, path)), table);
  return mistakes.length === 0 ? [] : [{ path: at, message: `${name} is no MLTable`, mistakes }];
}

/** What the MLTable file in a folder lists under `paths`; undefined for nothing. `folder`: absolute. */
export async function referencedBy(place: Place, folder: string): Promise<string[] | undefined> {
  const path = await resolveInside(place.files, folder, join(folder, 'MLTable'));
  const { paths } = table.parse(readYaml(path, shown(place.files, path)).value);
  return paths.length === 0 ? undefined : paths.flatMap((one) => Object.values(one));
}
