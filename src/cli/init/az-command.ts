import { parse } from 'shell-quote';

/** One `az ml …` command line of a script, as far as it can be known without running it. */
export interface AzCommand {
  /** `job`, `online-endpoint`, `model`, … */
  readonly group: string;
  /** `create`, `invoke`, `update`, … */
  readonly verb: string;
  /** Long names without dashes; an option that takes no value has none. */
  readonly options: Readonly<Record<string, readonly string[]>>;
  /** Of `--set path=value …`. */
  readonly set: Readonly<Record<string, string>>;
  /** Folder that earlier `cd` lines moved to, `.` for where the script starts. */
  readonly dir: string;
  /** 1-based line within the script. */
  readonly line: number;
}

/** Variables whose values can be read off the text. */
export type Variables = Readonly<Record<string, string>>;

/** A text that still depends on something only a run knows. */
export function isOpen(text: string): boolean {
  return /\$[A-Za-z_{(]|\$\(|`/.test(text);
}

/** `az ml` and the commands that set its defaults, in a shell script; what it cannot read it leaves out. */
export function azCommands(script: string, given: Variables = {}): AzCommand[] {
  const variables: Record<string, string> = { ...given };
  let dir = '.';
  return logicalLines(script).flatMap(({ text, line }): AzCommand[] => {
    const assigned = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|([^\s;"'`$]+))\s*$/.exec(text);
    if (assigned?.[1] !== undefined) {
      const value = assigned[2] ?? assigned[3] ?? assigned[4] ?? '';
      if (isOpen(value) || /^<.*>$/.test(value)) Reflect.deleteProperty(variables, assigned[1]);
      else variables[assigned[1]] = value;
      return [];
    }
    const reassigned = /^\s*(?:export\s+)?([A-Za-z_]\w*)=/.exec(text)?.[1];
    if (reassigned !== undefined && !/\baz\s+ml\b/.test(text)) {
      Reflect.deleteProperty(variables, reassigned);
      return [];
    }
    const moved = /^\s*cd\s+(\S+)\s*$/.exec(text)?.[1];
    if (moved !== undefined) {
      dir = isOpen(moved) ? dir : joinDir(dir, moved);
      return [];
    }
    if (/^\s*#/.test(text)) return [];
    return [...text.matchAll(/\baz\s+(?=ml\s|configure\s|account\s+set\s)/g)].flatMap(({ index }) => {
      const command = commandOf(wordsOf(text.slice(index), variables));
      return command === undefined ? [] : [{ ...command, dir, line }];
    });
  });
}

function joinDir(dir: string, moved: string): string {
  return dir === '.' ? moved.replace(/\/$/, '') : `${dir}/${moved.replace(/\/$/, '')}`;
}

/** Lines with their continuations (`\`, and PowerShell's backtick) joined. */
function logicalLines(script: string): { text: string; line: number }[] {
  const found: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | undefined;
  for (const [index, raw] of script.split(/\r?\n/).entries()) {
    const continued = /[\\`]\s*$/.test(raw) && !/`[^`]*`\s*$/.test(raw);
    const text = continued ? raw.replace(/[\\`]\s*$/, ' ') : raw;
    open = open === undefined ? { text, line: index + 1 } : { ...open, text: open.text + text };
    if (continued) continue;
    found.push(open);
    open = undefined;
  }
  return open === undefined ? found : [...found, open];
}

/** Words up to the end of the command: a pipe, a redirection, a closing bracket of `$(…)`. */
function wordsOf(text: string, variables: Variables): string[] {
  const prepared = text
    .replace(/\$\{\{\s*(?:env|vars|inputs|parameters)\.([A-Za-z_]\w*)\s*\}\}/g, '$$$1')
    .replace(/\$\{\{[^}]*\}\}/g, '$$EXPRESSION');
  const words: string[] = [];
  for (const entry of parse(prepared, (name) => variables[name] ?? `$${name}`)) {
    if (typeof entry === 'object' && 'op' in entry && entry.op === 'glob') words.push(entry.pattern);
    else if (typeof entry === 'string') words.push(entry);
    else break;
  }
  return words;
}

const aliases: Readonly<Record<string, string>> = {
  f: 'file',
  n: 'name',
  e: 'endpoint-name',
  endpoint: 'endpoint-name',
  g: 'resource-group',
  w: 'workspace-name',
  r: 'request-file',
  d: 'defaults',
  s: 'subscription',
};

function commandOf([, ...words]: readonly string[]): Omit<AzCommand, 'dir' | 'line'> | undefined {
  const first = words.findIndex((word) => word.startsWith('-'));
  const names = first === -1 ? words : words.slice(0, first);
  const [group, verb] = names[0] === 'ml' ? names.slice(1) : names;
  if (group === undefined) return undefined;
  const options = optionsOf(first === -1 ? [] : words.slice(first));
  return { group, verb: verb ?? '', options, set: assignments(options['set'] ?? []) };
}

function optionsOf(words: readonly string[]): Record<string, string[]> {
  const options: Record<string, string[]> = {};
  let current: string[] | undefined;
  for (const word of words) {
    const named = /^--?([A-Za-z][\w-]*)(?:=([\s\S]*))?$/.exec(word);
    if (named?.[1] === undefined) {
      current?.push(word);
      continue;
    }
    current = options[aliases[named[1]] ?? named[1]] ??= [];
    if (named[2] !== undefined) current.push(named[2]);
  }
  return options;
}

/** `a.b=1 c=2` → {a.b: "1", c: "2"} */
export function assignments(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.flatMap((word) => {
      const at = word.indexOf('=');
      return at <= 0 ? [] : [[word.slice(0, at), word.slice(at + 1)] as const];
    }),
  );
}
