import type { FileRef } from '../domain/project.js';
import type { Traffic } from '../domain/release.js';
import type { AzureMl } from './client.js';
import type { OperationHandle } from './operations.js';
import type { SourceFiles } from './source-files.js';
import type {
  DeploymentView,
  EndpointView,
  Json,
  ModelView,
  PreparedDeployment,
  PreparedEndpoint,
  ScoreResult,
  Tags,
} from './types.js';

export declare function getEndpoint(ml: AzureMl, name: string): Promise<EndpointView | undefined>;
export declare function listDeployments(ml: AzureMl, endpoint: string): Promise<DeploymentView[]>;
export declare function getDeployment(
  ml: AzureMl,
  endpoint: string,
  name: string,
): Promise<DeploymentView | undefined>;
export declare function prepareEndpoint(
  ml: AzureMl,
  files: SourceFiles,
  ref: FileRef,
): Promise<PreparedEndpoint>;
export declare function prepareDeployment(
  ml: AzureMl,
  files: SourceFiles,
  ref: FileRef,
  options: { readonly endpoint: string; readonly model: ModelView; readonly tags: Tags },
): Promise<PreparedDeployment>;
export declare function beginPutEndpoint(ml: AzureMl, name: string, body: Json): Promise<OperationHandle>;
export declare function beginPutDeployment(
  ml: AzureMl,
  endpoint: string,
  name: string,
  body: Json,
): Promise<OperationHandle>;
export declare function beginDeleteDeployment(
  ml: AzureMl,
  endpoint: string,
  name: string,
): Promise<OperationHandle | undefined>;
export declare function beginDeleteEndpoint(ml: AzureMl, name: string): Promise<OperationHandle | undefined>;
export declare function beginPutTraffic(
  ml: AzureMl,
  endpoint: string,
  traffic: Traffic,
  mirror: Traffic,
): Promise<OperationHandle | undefined>;
export declare function score(
  ml: AzureMl,
  endpoint: string,
  body: string,
  options: { readonly deployment?: string; readonly timeoutMs: number },
): Promise<ScoreResult>;
export declare function deploymentLogs(
  ml: AzureMl,
  endpoint: string,
  name: string,
  lines: number,
): Promise<string>;
