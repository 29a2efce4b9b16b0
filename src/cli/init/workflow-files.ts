import { readFile } from 'node:fs/promises';
import { packageRoot } from '../version.js';
import type { NewFile } from './writing.js';

/** Of `examples/github`: everything in one file, and the button for bad nights. */
const wanted = ['mlops.yml', 'mlops-rollback.yml'];

/** The GitHub workflows that a project needs, ready but for the owner of the Action. */
export async function workflowFiles(): Promise<NewFile[]> {
  const root = packageRoot();
  if (root === undefined) throw new Error('the package has no root');
  return await Promise.all(
    wanted.map(async (name) => ({
      path: `.github/workflows/${name}`,
      text: await readFile(new URL(`examples/github/${name}`, root), 'utf8'),
    })),
  );
}
