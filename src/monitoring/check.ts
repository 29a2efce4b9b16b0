import { compareText, nearest } from '../domain/text.js';

/** One thing that data has to keep, and the sentence that says whether it does. */
export interface Check {
  readonly ok: boolean;
  readonly finding: string;
}

export function unknownColumn(column: string, names: readonly string[]): string {
  const meant = nearest(column, names);
  const hint = meant === undefined ? '' : `, did you mean ${meant}?`;
  return `${column}: there is no such column${hint} (the data has ${[...names].sort(compareText).join(', ')}) ✗`;
}
