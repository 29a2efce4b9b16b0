import { resolve } from 'node:path';
import type { SourceRef } from '../domain/source.js';
import { parseProject } from '../spec/index.js';
import { badInput } from './failures.js';
import { fileAt, isPushed, resolveCommit } from './git.js';
import { type Io, warn } from './io.js';
import { refuseMistakes } from './mistakes.js';
import { checkProject, projectText } from './project-check.js';
import { placeOf, projectAt, type ProjectPlace } from './project-place.js';
import { treeDigest } from './tree-digest.js';

/** What a person may say of where a lifecycle's files come from; the rest is read from the checkout. */
export interface SourceOptions {
  readonly project?: string;
  readonly repository?: string;
  readonly commit?: string;
  readonly ref?: string;
  readonly path?: string;
  readonly source?: string;
}

export interface Source {
  readonly source: SourceRef;
  readonly project: string;
}

/**
 * Files and project of a new lifecycle. What can be checked here is checked here: a commit whose `mlops.yaml` is
 * wrong starts nothing.
 * @throws CliError with what is missing, or with every mistake
 */
export async function sourceOf(io: Io, options: SourceOptions): Promise<Source> {
  if (options.source !== undefined) return await uncommitted(io, options, options.source);
  const { project, repository, commit, ref } = options;
  if (project !== undefined && repository !== undefined && commit !== undefined && ref !== undefined) {
    if (isFullSha(commit))
      return { project, source: { repository, commit, ref: fullRef(ref), path: options.path ?? '.' } };
  }
  return await committed(io, options);
}

async function uncommitted(io: Io, options: SourceOptions, folder: string): Promise<Source> {
  const place = await projectAt(resolve(io.cwd, folder));
  const { parsed, mistakes } = await checkProject(place, await projectText(place));
  refuseMistakes(mistakes);
  const { checkout, files, path } = place;
  return {
    project: options.project ?? parsed?.project.name ?? place.defaultName,
    source: {
      repository: options.repository ?? checkout?.repository ?? `local/${place.defaultName}`,
      commit: await treeDigest(files.root),
      ref: fullRef(options.ref ?? checkout?.ref ?? 'uncommitted'),
      path,
      directory: files.root,
    },
  };
}

async function committed(io: Io, options: SourceOptions): Promise<Source> {
  const place = await placeIn(io, options);
  const { checkout } = place;
  const repository = options.repository ?? checkout?.repository;
  const ref = options.ref ?? checkout?.ref;
  const commit = await commitOf(place, options);
  const missing = [
    ...(repository === undefined ? ['--repository owner/name (the checkout has no remote `origin`)'] : []),
    ...(commit === undefined ? ['--commit SHA (nothing is committed here)'] : []),
    ...(ref === undefined ? ['--ref BRANCH (HEAD is detached)'] : []),
  ];
  if (repository === undefined || ref === undefined || commit === undefined) {
    throw badInput(`${missing.join(', ')} must be given`);
  }
  const project = options.project ?? (await nameAt(place, commit));
  if (checkout !== undefined && !(await isPushed(checkout, commit))) {
    warn(
      io,
      `note: no branch of origin is known to hold ${commit.slice(0, 7)}; the worker reads it from ${repository}, so push it`,
    );
  }
  return { project, source: { repository, commit, ref: fullRef(ref), path: place.path } };
}

async function placeIn({ cwd }: Io, { path }: SourceOptions): Promise<ProjectPlace> {
  if (path === undefined) return await projectAt(cwd);
  const { checkout } = await projectAt(cwd).catch(() => projectAt(resolve(cwd, path)));
  return placeOf(resolve(checkout?.root ?? cwd, path), checkout);
}

async function commitOf({ checkout }: ProjectPlace, options: SourceOptions): Promise<string | undefined> {
  const { commit: wanted } = options;
  if (wanted === undefined) return checkout?.commit;
  const known = checkout === undefined ? undefined : await resolveCommit(checkout, wanted);
  if (known !== undefined) return known;
  if (isFullSha(wanted)) return wanted;
  throw badInput(
    `--commit ${wanted}: this checkout does not know it; write all 40 digits, or fetch it first`,
  );
}

/** The project's name in the commit, whose `mlops.yaml` has to be right. */
async function nameAt(place: ProjectPlace, commit: string): Promise<string> {
  const { checkout, file, defaultName } = place;
  const text = checkout === undefined ? undefined : await fileAt(checkout, commit, file);
  if (text === undefined) {
    throw badInput(
      `commit ${commit.slice(0, 12)} has no ${file} that can be read here; commit it, or name the project with --project`,
    );
  }
  const parsed = parseProject(text, { file, defaultName });
  if (!parsed.ok) refuseMistakes(parsed.mistakes);
  return parsed.ok ? parsed.project.name : defaultName;
}

/** `main` → `refs/heads/main` */
export function fullRef(ref: string): string {
  return ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
}

function isFullSha(commit: string): boolean {
  return /^[0-9a-f]{40}$/.test(commit);
}
