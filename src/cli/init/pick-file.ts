import type { Asker } from './asking.js';
import type { AzFile } from './survey.js';

export interface Ranked {
  readonly file: AzFile;
  /** How much speaks for it. */
  readonly score: number;
}

export interface PickOptions {
  readonly question: string;
  /** By how much the first must lead to be taken without asking. */
  readonly lead: number;
  readonly describe: (file: AzFile) => string;
  /** The choice of no file at all; absent where one is needed. */
  readonly none?: string;
}

/** The file that most speaks for: the only one, a clear first, or the one that somebody chooses. */
export async function pickFile(
  ranked: readonly Ranked[],
  ask: Asker,
  { question, lead, describe, none }: PickOptions,
): Promise<AzFile | undefined> {
  const sorted = [...ranked].sort((a, b) => b.score - a.score);
  const [first, second] = sorted;
  if (first === undefined || second === undefined || first.score - second.score >= lead) return first?.file;
  const path = await ask.choose({
    question,
    options: [
      ...sorted.map(({ file }) => ({ value: file.path, name: describe(file) })),
      ...(none === undefined ? [] : [{ value: '', name: none }]),
    ],
  });
  return sorted.find(({ file }) => file.path === path)?.file;
}
