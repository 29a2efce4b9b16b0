import { bindingsOf } from '../expressions.js';
import type { Problem } from '../kind.js';
import type { Path } from '../parse.js';

/** Names in a text's `${{inputs.x}}` and `${{outputs.x}}` that its inputs and outputs do not hold. */
export function unboundOf(
  text: string,
  path: Path,
  groups: {
    readonly inputs?: Readonly<Record<string, unknown>> | undefined;
    readonly outputs?: Readonly<Record<string, unknown>> | undefined;
  },
): Problem[] {
  return bindingsOf(text).flatMap(({ group, name }): Problem[] => {
    const known = Object.keys(groups[group] ?? {});
    if (known.includes(name)) return [];
    const message = `the text names \${{${group}.${name}}}, which ${group} does not hold`;
    return [{ path, message, found: name, allowed: known, fix: `add it under ${group}:` }];
  });
}
