import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { placeKeys } from '../../azureml/index.js';
import type { CollectedWindow } from '../../domain/collected-paths.js';
import type { FileRef, MonitorJob, MonitorPlan } from '../../domain/project.js';
import { plainImage, writeJob } from '../generated-job.js';
import { layProgram } from './program.js';

/** Node.js comes from conda: no base image has it. */
const environment = {
  image: plainImage,
  conda_file: { channels: ['conda-forge'], dependencies: ['nodejs=22'] },
};

/** Data of a job: a type that Azure ML knows, and a reference or address. */
export interface JobData {
  readonly type: string;
  readonly path: string;
}

export interface LookJob {
  readonly plan: MonitorPlan;
  readonly job: MonitorJob;
  readonly window: CollectedWindow;
  /** Everything that was collected of the endpoint. */
  readonly collected: string;
  readonly baseline: JobData;
  /** Absent as long as there are none. */
  readonly labels?: JobData;
}

/** Writes the job that measures a look as an `az ml` project of its own into a folder. Its data is mounted, not copied. */
export async function writeLookJob(look: LookJob, dir: string): Promise<FileRef> {
  const { plan, job, window, collected, baseline, labels } = look;
  const inputs = {
    collected: { type: 'uri_folder', path: collected },
    baseline,
    ...(labels !== undefined && { labels }),
  };
  const options = Object.keys(inputs).map((name) => `--${name} \${{inputs.${name}}}`);
  const definition = {
    type: 'command',
    code: 'code',
    command: `node look.mjs ${options.join(' ')} --result \${{outputs.result}}`,
    environment: job.environment ?? environment,
    environment_variables: { MLOPS_LOOK: JSON.stringify({ plan, window }) },
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, data]) => [name, { ...data, mode: 'ro_mount' }]),
    ),
    outputs: { result: { type: 'uri_folder' } },
    limits: { timeout: Math.ceil(job.runMs / 1000) },
    ...placeKeys(job),
  };
  await mkdir(join(dir, 'code'));
  await layProgram(join(dir, 'code'));
  return await writeJob(dir, 'look.yml', definition);
}
