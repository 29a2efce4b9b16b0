import { badInput } from './failures.js';

/**
 * `--set path=value` of the command line, as `az` reads it: JSON where the value is JSON, else the text itself.
 * @throws CliError when there is no `=`
 */
export function parseSets(sets: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    sets.map((set) => {
      const at = set.indexOf('=');
      if (at < 1) throw badInput(`--set ${set}: expected path=value, such as inputs.rate=0.1`);
      return [set.slice(0, at), valueOf(set.slice(at + 1))];
    }),
  );
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
