import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  computesNamed,
  type Identified,
  identifyFile,
  nearest,
  type Role,
  shown,
  type SourceFiles,
  validateEvaluation,
  validateFile,
  validateRequests,
  validateServing,
} from '../azureml/index.js';
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
    ...evaluationOf(parsed.project).map((ref) => validateEvaluation(files, ref)),
    ...parsed.project.environments.map((environment) => validateServing(files, environment)),
    ...parsed.project.environments.map((environment) => validateRequests(files, file, environment)),
  ]);
  const computes = unmadeComputes(files, parsed.project);
  return { parsed, mistakes: unique([...parsed.warnings, ...found.flat(), ...computes]) };
}

function refsOf({ setup, data, candidates }: Project): (readonly [Role, FileRef])[] {
  return [
    ...setup.map((ref) => ['setup', ref] as const),
    ...(data.prepare === undefined ? [] : [['job', data.prepare] as const]),
    ...candidates.map(({ job }) => ['job', job] as const),
  ];
}

function evaluationOf({ gate }: Project): FileRef[] {
  return gate?.evaluate === undefined ? [] : [gate.evaluate.job];
}

/** Clusters that jobs name, where the project makes clusters and none of that name. */
function unmadeComputes(files: SourceFiles, project: Project): Mistake[] {
  const { setup, data, candidates } = project;
  const made = setup.flatMap(({ file }) => {
    const found = identified(files, file);
    return found !== undefined && /compute/i.test(found.kind) ? [String(found.value['name'])] : [];
  });
  if (made.length === 0) return [];
  const jobs = [
    ...candidates.map(({ job }) => job.file),
    ...(data.prepare === undefined ? [] : [data.prepare.file]),
    ...evaluationOf(project).map(({ file }) => file),
  ];
  const named = [...new Set(jobs)].map((file) => ({
    file: shown(files, join(files.dir, file)),
    names: computesNamed(identified(files, file)?.value),
  }));
  return named.flatMap(({ file, names }) =>
    names
      .filter((name) => !made.includes(name))
      .map((name): Mistake => {
        const near = nearest(name, made);
        return {
          file,
          path: 'compute',
          message: 'no file of setup makes this compute; the job fails if it does not exist',
          found: name,
          allowed: made,
          ...(near === undefined ? {} : { nearest: near }),
          severity: 'warning',
        };
      }),
  );
}

/** A file that cannot be read is a mistake of its own, told elsewhere. */
function identified(files: SourceFiles, file: string): Identified | undefined {
  return identifyFile(join(files.dir, file));
}

/** A file that several environments name is wrong once. */
export function unique(mistakes: readonly Mistake[]): Mistake[] {
  return [...new Map(mistakes.map((mistake) => [JSON.stringify(mistake), mistake])).values()];
}
