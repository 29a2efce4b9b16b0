import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Step } from '../../src/azureml/translate.js';
import type { Recording } from './recordings.js';
import type { Checkout } from './sources.js';

/**
 * Makes files again that the recorder had and that are not kept with the sources: READMEs, notebooks, templates and archives,
 * each replaced by one line. Whether there was any.
 */
export function fillGaps(
  recording: Recording,
  steps: readonly Step[],
  { root }: Pick<Checkout, 'root'>,
): boolean {
  const recorded = recording.requests.flatMap(({ blob }) => blob?.names ?? []).map(inFolder);
  const made = steps.flatMap((step) => {
    if (step.kind !== 'upload') return [];
    const folder = join(root, step.upload.from);
    if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
    const prefix = `${basename(folder)}/`;
    return recorded
      .filter((name) => name.startsWith(prefix) && /README|\.ipynb$|\.jinja2$|\.jar$/.test(name))
      .map((name) => join(folder, name.slice(prefix.length)))
      .filter((path) => !existsSync(path));
  });
  for (const path of new Set(made)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `stands for ${basename(path)}\n`);
  }
  return made.length > 0;
}

/** `LocalUpload/{hash}/data/x` → `data/x` */
function inFolder(name: string): string {
  return name.replace(/^LocalUpload\/[0-9a-f]+\//, '');
}
