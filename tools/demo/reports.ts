import { readBlob } from '../../src/azureml/index.js';
import type { Addresses } from '../local/machine.js';
import { workspaceOf } from '../local/workspace.js';

/** A report from the records in Blob. */
export async function readReport(addresses: Addresses, workspace: string, path: string): Promise<string> {
  const text = await readBlob(await workspaceOf(addresses, workspace), path);
  if (text === undefined) throw new Error(`report ${path} is not in workspace ${workspace}`);
  return text;
}
