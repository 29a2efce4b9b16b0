import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileRef } from '../domain/project.js';
import type { SubmitRequest, SubmittedJob } from './contract.js';
import type { Dependencies } from './dependencies.js';
import type { OpenProject } from './projects.js';
import { submit } from './submitting.js';
import { withTemporaryFolder } from './temporary-folder.js';
import type { Workspaces } from './workspaces.js';

/** Jobs that no project brings: written as `az ml` projects of their own, so that they are sent as users' are. */

/** Azure's plain base image: everything else is said by a conda file. */
export const plainImage = 'mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04';

export async function writeJob(dir: string, file: string, job: object): Promise<FileRef> {
  // JSON is YAML.
  await writeFile(join(dir, file), JSON.stringify(job));
  return { file, set: {} };
}

/** A job that `write` lays into a folder: the job file, and beside it what that names. */
export interface GeneratedJob {
  readonly purpose: string;
  readonly write: (dir: string) => Promise<FileRef>;
}

/** @param workspace default: the one that trains */
export async function submitGenerated(
  deps: Dependencies,
  workspaces: Workspaces,
  open: OpenProject,
  { purpose, write }: GeneratedJob,
  request: SubmitRequest,
  workspace?: string,
): Promise<SubmittedJob> {
  return await withTemporaryFolder(purpose, async (dir) => {
    const own = { ...open, files: { root: dir, dir } };
    return await submit(deps, workspaces, own, await write(dir), request, workspace);
  });
}
