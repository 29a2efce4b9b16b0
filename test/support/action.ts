import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ActionRun, type ActionStep as AnyStep, runActionStep } from '../../tools/local/action.js';

export type { ActionRun };

/** A step in the tests' repository. */
export type ActionStep = Omit<AnyStep, 'repository' | 'sha'> & { readonly sha?: string };

export const repository = 'acme/models';

/** Runs the committed bundle as a runner does, in a repository of the tests. */
export async function runAction(step: ActionStep): Promise<ActionRun> {
  return await runActionStep({ repository, sha: 'a'.repeat(40), actor: 'ann', ...step });
}

/** Writes files below a new temporary folder: path → contents. */
export async function checkout(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mlops-checkout-'));
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), contents);
  }
  return folder;
}
