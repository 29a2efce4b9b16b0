import { distance } from 'fastest-levenshtein';
import ms, { type StringValue } from 'ms';
import type { Condition } from './project.js';

/** Words and numbers as people read them. */

const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/**
 * Milliseconds as `10m`, `1h 5m`, `200ms`: exact, at most two units where two suffice.
 * Whole days from four on; below that hours, since people say 72 h.
 */
export function formatMs(milliseconds: number): string {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) return `${milliseconds}ms`;
  let rest = Math.round(milliseconds);
  if (rest === 0) return '0s';
  const parts: string[] = [];
  for (const [name, size] of units) {
    if (name === 'd' && rest < 4 * size) continue;
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${name}`);
  }
  return parts.join(' ');
}

/** Milliseconds from `10m`; `undefined` when it is none. */
export function parseDuration(text: string): number | undefined {
  return /^\d+(\.\d+)?\s*(ms|s|m|h|d|w)$/.test(text) ? ms(text as StringValue) : undefined;
}

/** Up to four significant digits, without an exponent where people expect none. */
export function formatNumber(value: number, digits = 4): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : String(value);
}

/** Two numbers with as many digits as it takes to tell them apart. */
export function formatPair(a: number, b: number): readonly [string, string] {
  for (let digits = 4; digits <= 17; digits += 1) {
    const pair = [formatNumber(a, digits), formatNumber(b, digits)] as const;
    if (pair[0] !== pair[1] || a === b) return pair;
  }
  return [String(a), String(b)];
}

/** A share from 0 to 1 as `12.5 %`. */
export function formatShare(share: number): string {
  return `${formatNumber(share * 100)} %`;
}

const symbols: Readonly<Record<Condition['op'], string>> = { '>=': '≥', '>': '>', '<=': '≤', '<': '<' };

export function formatOp(op: Condition['op']): string {
  return symbols[op];
}

/** Whether a value meets a condition; NaN meets none. */
export function meets(value: number, condition: Condition): boolean {
  switch (condition.op) {
    case '>=':
      return value >= condition.value;
    case '>':
      return value > condition.value;
    case '<=':
      return value <= condition.value;
    case '<':
      return value < condition.value;
  }
}

/** The candidate that was probably meant: at most two edits away, or a third of the word; case does not count. */
export function nearest(found: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(found.length / 3));
  return candidates
    .map((name) => ({ name, edits: distance(found.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits, name }) => edits <= limit && edits < Math.max(found.length, name.length))
    .sort((a, b) => a.edits - b.edits)[0]?.name;
}

/** Code-unit order: the same on every machine, unlike a locale's. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `10,000 rows`: counts as people read them. */
export function plural(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function whole(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
