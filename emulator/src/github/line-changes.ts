import { structuredPatch } from 'diff';

/** What changed in a file, as GitHub counts it; `patch` is left out for files that are not text, as there. */
export interface LineChanges {
  readonly additions: number;
  readonly deletions: number;
  readonly changes: number;
  readonly patch?: string;
}

const NONE: LineChanges = { additions: 0, deletions: 0, changes: 0 };
/** Beyond it GitHub shows no patch either. */
const LARGEST_TEXT = 1_000_000;
const LONGEST_MS = 2000;

function textOf(bytes: Uint8Array): string | undefined {
  return bytes.length > LARGEST_TEXT || bytes.includes(0) ? undefined : Buffer.from(bytes).toString();
}

export function lineChanges(before: Uint8Array, after: Uint8Array): LineChanges {
  const [old, now] = [textOf(before), textOf(after)];
  if (old === undefined || now === undefined) return NONE;
  const found = structuredPatch('', '', old, now, undefined, undefined, { context: 3, timeout: LONGEST_MS });
  if (found === undefined) return NONE;
  const lines = found.hunks.flatMap((hunk) => hunk.lines);
  const additions = lines.filter((line) => line.startsWith('+')).length;
  const deletions = lines.filter((line) => line.startsWith('-')).length;
  const patch = found.hunks
    .map(({ oldStart, oldLines, newStart, newLines, lines: inner }) =>
      [`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, ...inner].join('\n'),
    )
    .join('\n');
  return { additions, deletions, changes: additions + deletions, ...(patch === '' ? {} : { patch }) };
}
