import type { FileRef } from '../domain/project.js';
import type { AzureMl } from './client.js';
import type { OperationHandle } from './operations.js';
import type { SourceFiles } from './source-files.js';
import type { SetupItem } from './types.js';

export declare function planSetup(
  ml: AzureMl,
  files: SourceFiles,
  refs: readonly FileRef[],
): Promise<SetupItem[]>;
export declare function applySetupItem(
  ml: AzureMl,
  files: SourceFiles,
  refs: readonly FileRef[],
  item: SetupItem,
): Promise<OperationHandle | undefined>;
