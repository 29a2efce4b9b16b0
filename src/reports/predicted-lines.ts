import type { Confusion } from '../domain/curves.js';
import type { NamedPredicted } from '../domain/evaluation.js';
import { formatNumber } from '../domain/text.js';
import { plain } from '../domain/markdown.js';

/** More models than these would not be told apart in one chart. */
export const shownModels = 4;
const shownNotes = 2;

/** The report's figures of held-out predictions, a line a model. */
export function predictedLines(predicted: readonly NamedPredicted[]): string[] {
  return predicted.slice(0, shownModels).map(({ name, rows, curves, confusion, notes }) => {
    const figures = [
      ...(curves === undefined
        ? []
        : [
            `ROC AUC ${formatNumber(curves.auc)}`,
            `average precision ${formatNumber(curves.averagePrecision)}`,
            `Brier ${formatNumber(curves.brier)}`,
          ]),
      ...(rows === 0
        ? []
        : [`${hits(confusion).toLocaleString('en-US')} of ${rows.toLocaleString('en-US')} right`]),
      ...notes.slice(0, shownNotes),
    ];
    return `- **${plain(name)}** ${plain(figures.join(', '))}`;
  });
}

/** Rows whose class was predicted as it is. */
function hits({ counts }: Confusion): number {
  return counts.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
}
