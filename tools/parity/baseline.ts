import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { minimatch } from 'minimatch';
import type { Difference } from './compare.js';
import type { Verdict } from './judge.js';

/** A difference that is known, and why it stays. */
export interface Known {
  /** The YAML's path, or `kind:` and a kind's name. */
  readonly where: string;
  /** Start of the difference's place; `*` stands for any. */
  readonly at: string;
  readonly reason: string;
}

/** The known differences that are kept beside this tool. `root`: the checkout. */
export function readBaseline(root: string): Known[] {
  return JSON.parse(readFileSync(join(root, 'tools', 'parity', 'baseline.json'), 'utf8')) as Known[];
}

/** What is known about a difference; undefined for a loss. */
export function knownOf(
  baseline: readonly Known[],
  { yaml, kind }: Pick<Verdict, 'yaml' | 'kind'>,
  { at }: Difference,
): Known | undefined {
  return baseline.find(
    (known) =>
      (known.where === `kind:${kind}` || minimatch(yaml, known.where)) &&
      (known.at === '*' || at.startsWith(known.at)),
  );
}
