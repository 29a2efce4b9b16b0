import type { FileRef } from '../domain/project.js';
import type { AzureMl } from './client.js';
import type { SourceFiles } from './source-files.js';
import type { JobModel, JobOptions, JobView, Json, PreparedJob } from './types.js';

export declare function prepareJob(
  ml: AzureMl,
  files: SourceFiles,
  ref: FileRef,
  options: JobOptions,
): Promise<PreparedJob>;
export declare function putJob(ml: AzureMl, name: string, body: Json): Promise<'created' | 'exists'>;
export declare function getJob(ml: AzureMl, name: string): Promise<JobView | undefined>;
export declare function cancelJob(ml: AzureMl, name: string): Promise<void>;
export declare function jobMetrics(ml: AzureMl, name: string): Promise<Record<string, number>>;
export declare function jobLogTail(ml: AzureMl, name: string, lines: number): Promise<string>;
export declare function jobModel(ml: AzureMl, name: string, model: string): Promise<JobModel | undefined>;
export declare function jobDataOutputs(
  ml: AzureMl,
  name: string,
): Promise<Record<string, { name: string; version: string }>>;
