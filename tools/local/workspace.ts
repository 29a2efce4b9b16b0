import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AzureMl, createAzureMl } from '../../src/azureml/index.js';
import type { WorkspaceTarget } from '../../src/domain/policy.js';
import { parsePolicy } from '../../src/spec/index.js';
import type { Addresses } from './machine.js';
import { root } from './paths.js';

const token = { token: 'local', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };

/** The operators' policy of the demonstration. */
export const examplePolicy = join(root, 'examples/policy.yml');

/** Client of a policy's workspace on the emulator. */
export async function workspaceOf(
  addresses: Addresses,
  alias: string,
  policy = examplePolicy,
): Promise<AzureMl> {
  const parsed = parsePolicy(await readFile(policy, 'utf8'), { file: policy });
  const target = parsed.ok ? parsed.policy.workspaces[alias] : undefined;
  if (target === undefined) throw new Error(`${policy} names no workspace ${alias}`);
  return clientOf(addresses, target);
}

/** Client of any workspace on the emulator. */
export function clientOf({ emulator, blob }: Addresses, target: WorkspaceTarget): AzureMl {
  return createAzureMl(target, {
    credential: { getToken: () => Promise.resolve(token) },
    armUrl: emulator,
    blobUrl: blob,
  });
}
