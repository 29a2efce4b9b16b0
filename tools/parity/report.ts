import { table } from '../../src/cli/table.js';
import { knownOf } from './baseline.js';
import type { Known } from './baseline.js';
import type { Difference } from './compare.js';
import type { Verdict } from './judge.js';

export interface Judged extends Verdict {
  /** Differences that the baseline does not know. */
  readonly losses: readonly Difference[];
}

export function against(baseline: readonly Known[], verdicts: readonly Verdict[]): Judged[] {
  return verdicts.map((verdict) => ({
    ...verdict,
    losses: verdict.differences.filter((found) => knownOf(baseline, verdict, found) === undefined),
  }));
}

/** One line a kind: files, equal bodies, known differences and losses, and the official rejections that ours matches. */
export function tableOf(judged: readonly Judged[]): string {
  const kinds = [...new Set(judged.map(({ kind }) => kind))].sort((a, b) => a.localeCompare(b));
  const row = (name: string, all: readonly Judged[]) => {
    const compared = all.filter((one) => one.compared);
    const rejected = all.filter(({ official }) => official === 'rejected');
    const differs = (one: Judged) => one.differences.some(({ at }) => at !== 'accepted');
    const loses = (one: Judged) => one.losses.length > 0;
    return [
      name,
      all.length,
      compared.length,
      compared.filter((one) => !differs(one)).length,
      compared.filter((one) => differs(one) && !loses(one)).length,
      all.filter(loses).length,
      rejected.length,
      rejected.filter(({ differences }) => !differences.some(({ at }) => at === 'accepted')).length,
    ].map(String);
  };
  return table(
    ['kind', 'files', 'with requests', 'equal', 'known', 'lost', 'officially rejected', 'matched'],
    [
      ...kinds.map((kind) =>
        row(
          kind,
          judged.filter((one) => one.kind === kind),
        ),
      ),
      row('all', judged),
    ],
  );
}

/** Every difference of these files with both values. */
export function differencesText(yaml: string, differences: readonly Difference[]): string {
  const lines = differences.map(
    ({ at, ours, theirs }) => `  ${at}\n    ours:     ${brief(ours)}\n    official: ${brief(theirs)}`,
  );
  return [yaml, ...lines].join('\n');
}

function brief(value: unknown): string {
  const text = value === undefined ? '(nothing)' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 1500 ? `${text.slice(0, 1500)}…` : text;
}
