import type { ModelRef } from '../domain/model.js';
import type { AzureMl } from './client.js';
import type { DataView, ModelView, NewModel } from './types.js';

export declare function findModel(ml: AzureMl, name: string, version: string): Promise<ModelView | undefined>;
export declare function listModels(ml: AzureMl, name: string): Promise<ModelView[]>;
export declare function registerModel(ml: AzureMl, model: NewModel): Promise<ModelView>;
export declare function ensureModelCopy(from: AzureMl, to: AzureMl, ref: ModelRef): Promise<ModelView>;
export declare function dataVersion(
  ml: AzureMl,
  name: string,
  version: string,
): Promise<DataView | undefined>;
export declare function downloadAsset(ml: AzureMl, uriOrRef: string, toDir: string): Promise<string>;
export declare function listBlobs(ml: AzureMl, prefix: string): Promise<string[]>;
export declare function readBlob(ml: AzureMl, path: string): Promise<string | undefined>;
export declare function writeBlob(ml: AzureMl, path: string, content: string | Uint8Array): Promise<void>;
export declare function writeRecord(ml: AzureMl, path: string, record: unknown): Promise<void>;
export declare function readRecord(ml: AzureMl, path: string): Promise<string | undefined>;
