import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { type AzureMl, jobCompute, placeKeys, readText, type SourceFiles } from '../../azureml/index.js';
import type { FileRef, PackageCheck } from '../../domain/project.js';
import { plainImage, writeJob } from '../generated-job.js';
import { checkScript } from './script.js';

/** Seconds. Building the environment does not count. */
const longest = 3600;

/** What is checked, and on what. */
export interface Checked {
  /** Folder of the model, `azureml://…` */
  readonly path: string;
  /** Files of the project and the job that trained it: its compute is the check's, unless `check` names another. */
  readonly files: SourceFiles;
  readonly job: FileRef;
  readonly check: PackageCheck;
}

/** Writes the check as an `az ml` project of its own into a folder: a job file, its code, the model's conda file. */
export async function writeCheck(ml: AzureMl, checked: Checked, dir: string): Promise<FileRef> {
  const conda = await readText(ml, `${checked.path.replace(/\/$/, '')}/conda.yaml`);
  if (conda === undefined)
    throw ApplicationFailure.nonRetryable(
      `the model at ${checked.path} has no conda.yaml, so nobody can tell what it needs; log it by mlflow.<flavor>.log_model, or say \`register: {check: false}\``,
      'PackageInvalid',
    );
  const job = {
    type: 'command',
    code: 'code',
    command: 'python check.py --model ${{inputs.model}} --report ${{outputs.report}}',
    environment: { image: plainImage, conda_file: 'conda.yaml' },
    inputs: { model: { type: 'mlflow_model', path: checked.path } },
    outputs: { report: { type: 'uri_folder' } },
    limits: { timeout: longest },
    ...(await placeOf(checked)),
  };
  await mkdir(join(dir, 'code'));
  await writeFile(join(dir, 'code', 'check.py'), checkScript);
  await writeFile(join(dir, 'conda.yaml'), conda);
  return await writeJob(dir, 'check.yml', job);
}

async function placeOf({ check, files, job }: Checked): ReturnType<typeof jobCompute> {
  const isSaid = check.compute !== undefined || check.instanceType !== undefined;
  return isSaid ? placeKeys(check) : await jobCompute(files, job);
}
