import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnGuarded } from 'azureml-emulator/process';
import { writeBlob } from '../../src/azureml/index.js';
import type { Addresses } from './machine.js';
import { root } from './paths.js';
import { workspaceOf } from './workspace.js';

export type Shift = 'none' | 'age' | 'bmi' | 'all';

/** Runs the example's generator. Rows come without labels unless asked for. */
export async function generate(
  file: string,
  rows: number,
  options: { seed: number; shift?: Shift; labels?: boolean },
): Promise<void> {
  const script = join(root, 'examples/diabetes/data/generate.py');
  const args = [
    '--rows',
    String(rows),
    '--seed',
    String(options.seed),
    '--shift',
    options.shift ?? 'none',
    '--out',
    file,
  ];
  const lines: string[] = [];
  const python = spawnGuarded(
    'python3',
    [script, ...args, ...(options.labels === true ? ['--with-labels'] : [])],
    {
      env: process.env,
      onLine: (line) => lines.push(line),
    },
  );
  if ((await python.exited) !== 0) throw new Error(`the data generator failed:\n${lines.join('\n')}`);
}

/** Puts the table where the data asset of the example points: what the hospital's export would do. */
export async function uploadTable(addresses: Addresses, file: string): Promise<void> {
  await writeBlob(await workspaceOf(addresses, 'dev'), 'diabetes/raw.csv', await readFile(file));
}
