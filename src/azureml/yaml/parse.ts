import { LineCounter, parseDocument, visit } from 'yaml';
import type { Document, ScalarTag, Tags } from 'yaml';
import { isAlias, isMap, isNode, isPair, isScalar } from 'yaml';

export type Path = readonly (string | number)[];

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A YAML text as PyYAML, the official client's parser, reads it. */
export interface Parsed {
  readonly value: unknown;
  /** Paths (JSON of the path) whose number was written as a float: Python prints `1.0` where JavaScript prints `1`. */
  readonly floats: ReadonlySet<string>;
  readonly problems: readonly {
    readonly message: string;
    readonly position: Position;
    readonly warning: boolean;
  }[];
  /** Where the value at `path` stands, or its nearest parent that is in the text. */
  position(path: Path): Position | undefined;
}

const booleans = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const truths = /^(?:yes|true|on)$/i;
// A float needs a point, and its exponent a sign: `1e-4` is text, as PyYAML's resolver has it.
const floats = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/;

/** YAML 1.1 of the library, corrected to PyYAML: `y` and `n` are text, so are dates, and floats are as above. */
function pyYaml(tags: Tags): Tags {
  const kept = tags.filter(
    (tag) => typeof tag === 'string' || !/:(?:bool|float|timestamp)$/.test(tag.tag) || isSpecialFloat(tag),
  );
  const bool: ScalarTag = {
    tag: 'tag:yaml.org,2002:bool',
    default: true,
    test: booleans,
    resolve: (text) => truths.test(text),
  };
  const float: ScalarTag = {
    tag: 'tag:yaml.org,2002:float',
    default: true,
    test: floats,
    resolve: (text) => Number(text.replaceAll('_', '')),
  };
  return [bool, float, ...kept];
}

/** `.inf` and `.nan`. */
function isSpecialFloat(tag: Exclude<Tags[number], string>): boolean {
  return 'test' in tag && tag.test instanceof RegExp && tag.test.test('.nan');
}

/** Nodes that aliases may stand for in all; what multiplies beyond that is no configuration. */
const MAX_ALIASES = 10_000;
const DEEPEST = 500;

/** Parses one document. Aliases that multiply are refused, as are several documents and nesting without end. */
export function parseYaml(text: string): Parsed {
  if (!isTooDeep(text)) return parse(text);
  const message = 'nested too deeply to be read';
  return {
    value: undefined,
    floats: new Set(),
    problems: [{ message, position: { line: 1, column: 1 }, warning: false }],
    position: () => undefined,
  };
}

/** Brackets within brackets, wherever they stand: the parser would run out of stack, after minutes. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (bracket === '[' || bracket === '{' ? 1 : -1));
    if (depth > DEEPEST) return true;
  }
  return false;
}

function parse(text: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    lineCounter: lines,
    customTags: pyYaml,
    prettyErrors: false,
  });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems = [
    ...document.errors.map(({ message, pos }) => ({ message, position: at(pos[0]), warning: false })),
    ...bracedKeys(document).map(({ key, offset }) => ({
      message: `${key} stands where a value belongs: a placeholder that nobody has filled in, or text that needs quotes`,
      position: at(offset),
      warning: false,
    })),
    ...repeatedKeys(document).map(({ key, offset }) => ({
      message: `the key ${key} stands twice; the last one counts`,
      position: at(offset),
      warning: true,
    })),
  ];
  let value: unknown;
  try {
    value = problems.some(({ warning }) => !warning)
      ? undefined
      : (document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    problems.push({ message, position: { line: 1, column: 1 }, warning: false });
  }
  return {
    value,
    floats: floatPaths(document),
    problems,
    position: (path) => positionOf(document, path, at),
  };
}

/** `{{ name }}` without quotes is a mapping whose key is a mapping: Python has no such keys. */
function bracedKeys(document: Document.Parsed): { key: string; offset: number }[] {
  const found: { key: string; offset: number }[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (!isMap(key)) return;
      const names = key.items.map((item) => String(item.key)).join(', ');
      found.push({ key: `{{${names}}}`, offset: key.range?.[0] ?? 0 });
    },
  });
  return found;
}

function repeatedKeys(document: Document.Parsed): { key: string; offset: number }[] {
  const found: { key: string; offset: number }[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === '<<') continue;
        const name = String(key.value);
        if (seen.has(name)) found.push({ key: name, offset: key.range?.[0] ?? 0 });
        seen.add(name);
      }
    },
  });
  return found;
}

function floatPaths(document: Document.Parsed): Set<string> {
  const found = new Set<string>();
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'number' || !floats.test(node.source ?? '')) return;
      found.add(JSON.stringify(pathOf([...ancestors, node])));
    },
  });
  return found;
}

function pathOf(nodes: readonly unknown[]): (string | number)[] {
  return nodes.flatMap((node, index): (string | number)[] => {
    if (isPair(node)) return [isScalar(node.key) ? String(node.key.value) : String(node.key)];
    const parent = nodes[index - 1];
    const items = isNode(parent) && !isMap(parent) && 'items' in parent ? parent.items : undefined;
    return items === undefined ? [] : [items.indexOf(node)];
  });
}

function positionOf(
  document: Document.Parsed,
  path: Path,
  at: (offset: number) => Position,
): Position | undefined {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) break;
      offset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isNode(node) && 'items' in node && typeof part === 'number') {
      node = (node.items as unknown[])[part];
      offset = isNode(node) ? (node.range?.[0] ?? offset) : offset;
    } else break;
  }
  return offset === undefined ? undefined : at(offset);
}
