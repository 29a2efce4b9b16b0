import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { type AzCommand, azCommands, isOpen, type Variables } from './az-command.js';

/** What a script or workflow of a repository says about `az ml`. */
export interface ScriptFindings {
  readonly commands: readonly AzCommand[];
  /** Other values that look like paths of YAML or JSON files: inputs of reusable workflows. */
  readonly paths: readonly string[];
}

/** Whether a file, by its path, may hold `az ml` commands. */
export function isScript(path: string): boolean {
  return (
    /\.(sh|bash|ps1|mk)$|(^|\/)(Makefile|Taskfile\.ya?ml|azure-pipelines[^/]*\.ya?ml)$/i.test(path) ||
    isWorkflow(path)
  );
}

function isWorkflow(path: string): boolean {
  return /(^|\/)(\.github\/(workflows|actions)|\.azuredevops|\.azure-pipelines|\.pipelines|devops-pipelines)\/.*\.ya?ml$/i.test(
    path,
  );
}

export function findingsOf(path: string, text: string): ScriptFindings {
  if (/\.ya?ml$/i.test(path)) return inWorkflow(text);
  return { commands: azCommands(text), paths: [] };
}

const scriptKeys = new Set(['run', 'script', 'bash', 'pwsh', 'powershell', 'inlineScript']);

/** Steps of a GitHub workflow or an Azure pipeline: each script with the variables and folder of the file. */
function inWorkflow(text: string): ScriptFindings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) return { commands: [], paths: [] };
  const variables: Record<string, string> = {};
  visit(document, {
    Pair(_, { key, value }) {
      if (isScalar(key) && (key.value === 'env' || key.value === 'variables') && isMap(value)) {
        Object.assign(variables, literals(value.toJSON() as Record<string, unknown>));
      }
    },
  });
  const commands: AzCommand[] = [];
  const paths: string[] = [];
  visit(document, {
    Pair(_, { key, value }, ancestors) {
      if (!isScalar(key) || !isScalar(value) || typeof value.value !== 'string') return;
      if (!scriptKeys.has(String(key.value))) {
        if (/^[\w./-]+\.(ya?ml|json)$/.test(value.value)) paths.push(value.value);
        return;
      }
      const first = lines.linePos(value.range?.[0] ?? 0).line;
      const offset = /^[|>]/.test(text.slice(value.range?.[0])) ? first : first - 1;
      const dir = workingDirectory(ancestors);
      for (const command of azCommands(value.value, variables)) {
        commands.push({
          ...command,
          line: command.line + offset,
          dir: dir === undefined ? command.dir : `${dir}/${command.dir}`,
        });
      }
    },
  });
  return { commands, paths };
}

/** Of the step that a `run` stands in. */
function workingDirectory(ancestors: readonly unknown[]): string | undefined {
  const step = ancestors.at(-1);
  if (!isMap(step)) return undefined;
  const dir = step.get('working-directory') ?? step.get('workingDirectory');
  return typeof dir === 'string' && !isOpen(dir) ? dir : undefined;
}

function literals(map: Readonly<Record<string, unknown>>): Variables {
  return Object.fromEntries(
    Object.entries(map).flatMap(([name, value]) =>
      typeof value === 'string' && !isOpen(value) ? [[name, value] as const] : [],
    ),
  );
}
