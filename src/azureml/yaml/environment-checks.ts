import { dirname } from 'node:path';
import { resolveInside, shown } from '../source-files.js';
import { environmentSchema, isAddress } from './environments.js';
import type { EnvironmentSpec } from './environments.js';
import { isMapping } from './fields.js';
import type { Place, Problem } from './kind.js';
import { isError, mistakesIn, toMistake } from './mistakes.js';
import type { Path } from './parse.js';
import { checkPath } from './paths.js';
import { readYaml } from './read.js';
import { parseReference } from './references.js';

/** Files that an environment names and that are not there, and what it lacks. `at`: where it stands. */
export async function checkEnvironment(
  value: string | EnvironmentSpec,
  place: Place,
  at: Path,
): Promise<Problem[]> {
  if (typeof value !== 'string') return checkSpec(value, place, at);
  return value.startsWith('file:') ? checkFile(value.slice('file:'.length), place, at) : [];
}

/** An environment in a file of its own: its mistakes stand there. */
async function checkFile(name: string, place: Place, at: Path): Promise<Problem[]> {
  const missing = await checkPath(place, name, at, 'yaml');
  if (missing.length > 0) return missing;
  const path = await resolveInside(place.files, place.dir, name);
  const file = shown(place.files, path);
  const parsed = readYaml(path, file);
  const mistakes = mistakesIn(file, parsed, environmentSchema);
  if (!mistakes.some(isError)) {
    const there = { ...place, dir: dirname(path) };
    const problems = await checkSpec(environmentSchema.parse(parsed.value ?? {}), there, []);
    mistakes.push(...problems.map((problem) => toMistake(file, parsed, problem)));
  }
  return mistakes.length === 0 ? [] : [{ path: at, message: 'the environment holds mistakes', mistakes }];
}

async function checkSpec(value: EnvironmentSpec, place: Place, at: Path): Promise<Problem[]> {
  const lacking: Problem[] =
    value.image === undefined && value.build === undefined
      ? [{ path: at, message: 'an environment needs image or build', fix: 'add image: or build: {path: …}' }]
      : [];
  const both: Problem[] =
    value.image !== undefined && value.image !== '' && value.build !== undefined
      ? [{ path: [...at, 'build'], message: 'stands beside image', fix: 'keep one of image and build' }]
      : [];
  const file = typeof value.conda_file === 'string' && value.conda_file !== '' ? value.conda_file : undefined;
  const conda = file === undefined ? [] : await checkConda(file, place, [...at, 'conda_file']);
  const ignored: Problem[] =
    value.build !== undefined && value.conda_file !== undefined
      ? [
          {
            path: [...at, 'conda_file'],
            message: 'stands beside build; Azure builds from the Dockerfile alone',
            fix: 'install the packages in the Dockerfile, or write image: instead of build:',
            severity: 'warning',
          },
        ]
      : [];
  const path = value.build?.path;
  const build =
    path === undefined || isAddress(path) ? [] : await checkPath(place, path, [...at, 'build', 'path']);
  return [...lacking, ...both, ...conda, ...ignored, ...build];
}

/** A conda file that is not there, or that holds no packages: Azure would find out when it builds the image. */
async function checkConda(path: string, place: Place, at: Path): Promise<Problem[]> {
  if (parseReference(path) !== undefined) {
    return [{ path: at, message: 'conda_file names a file, not something in Azure', found: path }];
  }
  const missing = await checkPath(place, path, at, 'yaml');
  if (missing.length > 0) return missing;
  const { value, problems } = readYaml(await resolveInside(place.files, place.dir, path), path);
  const broken = problems.find(({ warning }) => !warning);
  if (broken !== undefined) {
    const { line, column } = broken.position;
    return [{ path: at, message: `${path}:${line}:${column} is no YAML: ${broken.message}`, found: path }];
  }
  if (isMapping(value) && Array.isArray(value['dependencies'])) return [];
  const fix = 'write dependencies: [python=3.11, pip, {pip: [mlflow]}] in it';
  return [{ path: at, message: `${path} lists no dependencies`, found: path, fix, severity: 'warning' }];
}
