import { compareText, formatNumber, formatPair } from '../domain/text.js';

type Metrics = Readonly<Record<string, number>>;

const width = 20;
const mostMetrics = 8;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * A chart of characters that every reader of a comment sees, mail included: challenger above champion, metric by
 * metric. Shares fill up to 1; other metrics up to the larger of both. Empty when there is nothing to draw.
 */
export function metricBars(challenger: Metrics, champion: Metrics | undefined): string {
  const names = Object.keys(challenger)
    .filter((name) => Number.isFinite(challenger[name]) && (challenger[name] ?? -1) >= 0)
    .sort((a, b) => compareText(a, b));
  const shown = names.slice(0, mostMetrics);
  const column = Math.min(24, Math.max(0, ...shown.map((name) => name.length)));
  const lines = shown.flatMap((name) => barsOf(name, challenger[name] ?? 0, champion?.[name], column));
  const rest = names.length - shown.length;
  if (rest > 0) lines.push(`… and ${rest} more`);
  return lines.length === 0 ? '' : ['```text', ...lines, '```'].join('\n');
}

function barsOf(name: string, value: number, before: number | undefined, column: number): string[] {
  const whole = Math.max(1, value, before ?? 0);
  const label = clean(name).slice(0, column).padEnd(column);
  const [now, then] = before === undefined ? [formatNumber(value), ''] : formatPair(value, before);
  const first = `${label}  challenger ${bar(value / whole)} ${now}`;
  return before === undefined
    ? [first]
    : [first, `${''.padEnd(column)}  champion   ${bar(before / whole)} ${then}`];
}

function bar(share: number): string {
  const cells = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const full = Math.floor(cells / 8);
  return ('█'.repeat(full) + (eighths[cells % 8] ?? '')).padEnd(width);
}

/** Metrics are named by user code: a name must not end the block. */
const clean = (name: string): string => name.replaceAll('`', "'").replaceAll(/\s+/g, ' ');
