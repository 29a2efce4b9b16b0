import { access, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { defaultProjectName } from '../domain/project-name.js';
import type { SourceFiles } from '../azureml/index.js';
import { badInput } from './failures.js';
import { type Checkout, readCheckout } from './git.js';

/** Name of a project's file. */
export const projectFile = 'mlops.yaml';

/** Where a project's files lie on this machine. */
export interface ProjectPlace {
  /** Absolute: the checkout's root, or the project's folder where there is no checkout. */
  readonly files: SourceFiles;
  /** Path of `mlops.yaml` from the root. */
  readonly file: string;
  /** Folder of it from the root, `.` for the root. */
  readonly path: string;
  /** What it is called where it does not say. */
  readonly defaultName: string;
  readonly checkout?: Checkout;
}

/**
 * The project of a folder: its own `mlops.yaml`, else that of the nearest folder above within the checkout.
 * @throws CliError when the folder is missing or holds no project
 */
export async function projectAt(folder: string): Promise<ProjectPlace> {
  const start = resolve(folder);
  const found = await stat(start).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw badInput(`${folder} is no folder; name the folder of ${projectFile}`);
  const checkout = await readCheckout(start);
  const dir = await nearestProject(start, checkout?.root ?? start);
  if (dir === undefined) {
    throw badInput(
      `no ${projectFile} in ${start}${checkout === undefined ? '' : ` or above it in ${checkout.root}`}; two lines are enough: \`train: azureml/train.yml\` and \`gate: AUC >= 0.75\``,
    );
  }
  return placeOf(dir, checkout);
}

export function placeOf(dir: string, checkout: Checkout | undefined): ProjectPlace {
  const root = checkout?.root ?? dir;
  const below = relative(root, dir).split(sep).join('/');
  const path = below === '' ? '.' : below;
  return {
    files: { root, dir },
    path,
    file: path === '.' ? projectFile : `${path}/${projectFile}`,
    defaultName: defaultProjectName(checkout?.repository ?? basename(root), path),
    ...(checkout !== undefined && { checkout }),
  };
}

async function nearestProject(start: string, root: string): Promise<string | undefined> {
  for (let dir = start; ; dir = dirname(dir)) {
    const there = await access(join(dir, projectFile)).then(
      () => true,
      () => false,
    );
    if (there) return dir;
    if (dir === root || dir === dirname(dir)) return undefined;
  }
}
