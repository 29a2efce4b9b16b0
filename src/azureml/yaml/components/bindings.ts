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
  const named = new Map(bindingsOf(text).map((one) => [`${one.group}.${one.name}`, one]));
  return [...named.values()].flatMap(({ group, name }): Problem[] => {
    const known = Object.keys(groups[group] ?? {});
    if (known.includes(name)) return [];
    const message = `the text names \${{${group}.${name}}}, which ${group} does not hold`;
    return [{ path, message, found: name, allowed: known, fix: `add it under ${group}:` }];
  });
}

/**
 * Outputs that a command never names, so that nothing is written to them. Code may still find its place in the
 * variable `AZURE_ML_OUTPUT_<name>`, and `default` is Azure's own: a warning, and only where neither is in sight.
 */
export function unwrittenOf(command: string, outputs: Readonly<Record<string, unknown>>): Problem[] {
  const written = new Set(
    bindingsOf(command).flatMap(({ group, name }) => (group === 'outputs' ? [name] : [])),
  );
  return Object.keys(outputs)
    .filter(
      (name) => name !== 'default' && !written.has(name) && !command.includes(`AZURE_ML_OUTPUT_${name}`),
    )
    .map((name) => ({
      path: ['outputs', name],
      message: `nothing is written to it: the command does not name \${{outputs.${name}}}`,
      fix: 'pass it to the command, or remove it',
      severity: 'warning',
    }));
}

/** Outputs of a pipeline that no step is tied to: they stay empty however the pipeline ends. */
export function untiedOf(jobs: unknown, outputs: Readonly<Record<string, unknown>>): Problem[] {
  const found = JSON.stringify(jobs ?? {}).matchAll(/\$\{\{\s*parent\.outputs\.([^\s}]+)\s*\}\}/g);
  const tied = new Set([...found].map(([, name]) => name));
  return Object.keys(outputs)
    .filter((name) => !tied.has(name))
    .map((name) => ({
      path: ['outputs', name],
      message: `no step produces it: none has an output that is \${{parent.outputs.${name}}}`,
      fix: `tie a step's output to it, or remove it`,
      severity: 'warning',
    }));
}
