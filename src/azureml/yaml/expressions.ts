/** Names that `${{inputs.x}}` and `${{outputs.x}}` of a command stand for, with the group. */
export function bindingsOf(
  command: string,
): { readonly group: 'inputs' | 'outputs'; readonly name: string }[] {
  // Optional parts stand in `$[[…]]`; the reference inside is the same.
  const found = command.matchAll(/\$\{\{\s*(inputs|outputs)\.([A-Za-z0-9_-]+)[^}]*\}\}/g);
  return [...found].map(([, group, name]) => ({ group: group as 'inputs' | 'outputs', name: name ?? '' }));
}

/** A value as Python's `str` prints it. `float`: it was written as one. */
export function pythonText(value: unknown, float = false): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return pythonNumber(value, float || !Number.isInteger(value));
  return pythonRepr(value);
}

function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value !== 'object') return pythonText(value);
  const entries = Object.entries(value).map(([key, held]) => `${quoted(key)}: ${pythonRepr(held)}`);
  return `{${entries.join(', ')}}`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

function pythonNumber(value: number, float: boolean): string {
  if (!float) return String(value);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
