import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveInside, type Role, SourceError, type SourceFiles, validateFile } from '../azureml/index.js';
import type { Mistake } from '../domain/mistake.js';
import type { FileRef, Project } from '../domain/project.js';
import { type ParsedProject, parseProject } from '../spec/index.js';
import { badInput, reasonOf } from './failures.js';
import { type ProjectPlace, projectFile } from './project-place.js';

export interface CheckedProject {
  /** Absent when `mlops.yaml` itself has errors. */
  readonly parsed?: ParsedProject;
  readonly mistakes: readonly Mistake[];
}

/** Text of a project's file as it lies on this machine. */
export async function projectText({ files, file }: Pick<ProjectPlace, 'files' | 'file'>): Promise<string> {
  try {
    return await readFile(join(files.dir, projectFile), 'utf8');
  } catch (error) {
    throw badInput(`${file} cannot be read: ${reasonOf(error)}`);
  }
}

/** Every mistake of `mlops.yaml` and of each file that it names, without asking Azure. */
export async function checkProject(place: ProjectPlace, text: string): Promise<CheckedProject> {
  const { file, defaultName, files } = place;
  const parsed = parseProject(text, { file, defaultName });
  if (!parsed.ok) return { mistakes: parsed.mistakes };
  const found = await Promise.all([
    ...refsOf(parsed.project).map(([role, ref]) => validateFile(files, ref, role)),
    ...parsed.project.environments.map(({ name, test }) =>
      test === undefined ? [] : checkRequests(files, file, name, test.requests),
    ),
  ]);
  return { parsed, mistakes: unique([...parsed.warnings, ...found.flat()]) };
}

function refsOf({ setup, data, candidates, environments }: Project): (readonly [Role, FileRef])[] {
  return [
    ...setup.map((ref) => ['setup', ref] as const),
    ...(data.prepare === undefined ? [] : [['job', data.prepare] as const]),
    ...candidates.map(({ job }) => ['job', job] as const),
    ...environments.map(({ endpoint }) => ['endpoint', endpoint] as const),
    ...environments.map(({ deployment }) => ['deployment', deployment] as const),
  ];
}

/** The requests that test a deployment: read here, because staging would fail on them hours later. */
async function checkRequests(
  files: SourceFiles,
  file: string,
  environment: string,
  requests: string,
): Promise<Mistake[]> {
  const mistake = (message: string): Mistake[] => [
    { file, path: `environments.${environment}.test.requests`, message, found: requests, severity: 'error' },
  ];
  try {
    JSON.parse(await readFile(await resolveInside(files, files.dir, requests), 'utf8'));
    return [];
  } catch (error) {
    if (error instanceof SourceError) return mistake(error.message);
    return mistake(`must be a JSON file with one request body, or a list of them: ${reasonOf(error)}`);
  }
}

/** A file that several environments name is wrong once. */
export function unique(mistakes: readonly Mistake[]): Mistake[] {
  return [...new Map(mistakes.map((mistake) => [JSON.stringify(mistake), mistake])).values()];
}
