/** Text from user code, made harmless in Markdown: names of jobs and metrics come from the commit under judgement. */

/** GitHub rejects bodies beyond 65,536 characters, and readers stop far earlier. */
const longestText = 300;
/** Of a column in a code block, which scrolls beyond the width of a panel. */
const longestCell = 80;

/**
 * Text from user code as plain Markdown text in one line. A zero-width space keeps `@name` from notifying people
 * and `#1` from linking issues.
 */
export function plain(text: string, longest = longestText): string {
  return oneLine(text, longest)
    .replace(/[\\`*_[\]|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[@#]/g, '$&\u200B');
}

/** Text as it stands, between backticks. */
export function inCode(text: string): string {
  return `\`${oneLine(text, longestText).replaceAll('`', "'")}\``;
}

/**
 * Rows as aligned columns in a code block. It reads well where Markdown has no tables (the Temporal UI has them from
 * 2.53 on), and whatever a cell holds, nothing in it is Markdown.
 */
export function columns(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => oneLine(cell, longestCell).replaceAll('`', "'")));
  const widths = cells.reduce<number[]>(
    (widest, row) =>
      row.map((cell, column) => Math.max(cell.length, widest[column] ?? 0)).concat(widest.slice(row.length)),
    [],
  );
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return ['```text', ...lines, '```'].join('\n');
}

export function markdownLink(text: string, url: string | undefined): string {
  if (!isWebAddress(url)) return plain(text);
  const address = url.replace(/[()<>|\\]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return `[${plain(text)}](${address})`;
}

/** Rows of cells that are Markdown already. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Keeps the first `limit` entries and says how many were left out. */
export function capped<T>(items: readonly T[], limit: number, show: (item: T) => string): string[] {
  const rest = items.length - limit;
  const shown = items.slice(0, limit).map(show);
  return rest > 0 ? [...shown, `- … and ${rest} more in the report`] : shown;
}

export function isWebAddress(url: string | undefined): url is string {
  return url !== undefined && /^https?:\/\/[^\s]+$/i.test(url);
}

function oneLine(text: string, longest: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
