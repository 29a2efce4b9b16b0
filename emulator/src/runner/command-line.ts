import { userError } from '../errors.js';

/** Values that placeholders stand for: literals, local paths, or URIs where the mode is Direct. */
export interface Bindings {
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

const PLACEHOLDER = /\$\{\{\s*(inputs|outputs)\.([\w.-]+)\s*\}\}/g;
const OPTIONAL = /\$\[\[(.*?)\]\]/gs;

/**
 * The command with `${{inputs.x}}` and `${{outputs.x}}` filled in as they are (quoting is the author's, as in Azure ML)
 * and `$[[…]]` parts dropped when an input in them is not given. Throws `UserError` with all unbound names.
 */
export function fillCommand(command: string, bindings: Bindings): string {
  const kept = command.replace(OPTIONAL, (_part, inner: string) =>
    unbound(inner, bindings).length === 0 ? inner : '',
  );
  const missing = unbound(kept, bindings);
  if (missing.length > 0) throw userError(missing.join(' '));
  return kept.replace(PLACEHOLDER, (_all, kind: keyof Bindings, name: string) => bindings[kind][name] ?? '');
}

function unbound(text: string, bindings: Bindings): string[] {
  return [...text.matchAll(PLACEHOLDER)]
    .filter(
      ([, kind, name]) =>
        kind !== undefined && name !== undefined && !(name in bindings[kind as keyof Bindings]),
    )
    .map(
      ([, kind, name]) =>
        `${kind === 'inputs' ? 'Inputs' : 'Outputs'} to job does not contain '${name ?? ''}' referenced in command.`,
    );
}

/** `AZURE_ML_INPUT_x` and `AZURE_ML_OUTPUT_x`, the other way for a command to read its bindings. */
export function bindingVariables({ inputs, outputs }: Bindings): Record<string, string> {
  const named = (prefix: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, value]) => [`${prefix}_${name}`, value]);
  return Object.fromEntries([
    ...named('AZURE_ML_INPUT', inputs),
    ...named('AZURE_ML_OUTPUT', outputs),
  ]) as Record<string, string>;
}
