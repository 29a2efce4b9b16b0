import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AzureMl, createAzureMl } from '../../src/azureml/index.js';
import { parsePolicy } from '../../src/spec/index.js';
import type { Addresses } from './machine.js';
import { root } from './paths.js';

const token = { token: 'local', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };

/** Client of a workspace of examples/policy.yml on the emulator. */
export async function workspaceOf({ emulator, blob }: Addresses, alias: string): Promise<AzureMl> {
  const parsed = parsePolicy(await readFile(join(root, 'examples/policy.yml'), 'utf8'), {
    file: 'examples/policy.yml',
  });
  const target = parsed.ok ? parsed.policy.workspaces[alias] : undefined;
  if (target === undefined) throw new Error(`examples/policy.yml names no workspace ${alias}`);
  return createAzureMl(target, {
    credential: { getToken: () => Promise.resolve(token) },
    armUrl: emulator,
    blobUrl: blob,
  });
}
