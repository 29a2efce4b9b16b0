import { isWebAddress } from './html.js';

/** GitHub rejects bodies beyond 65,536 characters, and readers stop far earlier. */
const longestCell = 300;

/**
 * Text from user code as plain Markdown text in one line. A zero-width space keeps `@name` from notifying people
 * and `#1` from linking issues.
 */
export function plain(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const short = line.length > longestCell ? `${line.slice(0, longestCell)}…` : line;
  return short
    .replace(/[\\`*_[\]|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[@#]/g, '$&\u200B');
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
