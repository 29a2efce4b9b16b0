import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { fetchIt, isPointer, notTheFile } from '../domain/lfs.js';
import type { Mistake } from '../domain/mistake.js';
import type { Origin, Tree } from './tree.js';

export type YamlResult =
  { readonly ok: true; readonly tree: Tree } | { readonly ok: false; readonly mistakes: readonly Mistake[] };

const largestBytes = 1_000_000;
/** Enough for every honest use of anchors in a file of a few hundred lines. */
const mostAliases = 100;
const mostNodes = 50_000;
const deepest = 40;

/**
 * Reads one YAML 1.2 document as a tree with positions. Untrusted input: size, encoding, nesting and aliases are
 * bounded before anything is built.
 * @param text the file; bytes are decoded strictly as UTF-8.
 */
export function readYaml(text: string | Uint8Array, file: string): YamlResult {
  const decoded = decode(text);
  if ('problem' in decoded) return { ok: false, mistakes: [mistakeAt(file, decoded.problem, decoded)] };
  const lines = new LineCounter();
  const document = parseDocument(decoded.text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    const mistakes = document.errors.map(({ code, message, pos }) => {
      const { line, col } = lines.linePos(pos[0]);
      return mistakeAt(file, { message: explain(code, message) }, { line, column: col });
    });
    return { ok: false, mistakes };
  }
  return build(document, lines, file);
}

interface Problem {
  readonly message: string;
  readonly fix?: string;
}

interface Place {
  readonly line?: number;
  readonly column?: number;
}

function mistakeAt(file: string, problem: Problem, { line, column }: Place): Mistake {
  return {
    file,
    path: '',
    severity: 'error',
    ...problem,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  };
}

function decode(
  input: string | Uint8Array,
): { readonly text: string } | ({ readonly problem: Problem } & Place) {
  const size = typeof input === 'string' ? new TextEncoder().encode(input).length : input.length;
  if (size > largestBytes) {
    return { problem: { message: `the file has ${size} bytes; at most ${largestBytes} are read` } };
  }
  const wrong = { message: 'the file is not UTF-8', fix: 'save it as UTF-8' };
  let text: string;
  try {
    text = typeof input === 'string' ? input : new TextDecoder('utf-8', { fatal: true }).decode(input);
  } catch {
    return { problem: wrong };
  }
  const at = text.search(/[\uFFFD\0]/);
  if (isPointer(text)) return { problem: { message: `this ${notTheFile}`, fix: fetchIt } };
  if (at < 0) return { text: text.replace(/^\uFEFF/, '') };
  const before = text.slice(0, at).split('\n');
  return { problem: wrong, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

const explanations: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab is used for indentation; YAML allows spaces only',
  DUPLICATE_KEY: 'this key is there twice; keep one of them',
  MULTIPLE_DOCS: 'the file holds several documents (`---`); one is allowed',
};

function explain(code: string, message: string): string {
  return explanations[code] ?? `not valid YAML: ${message}`;
}

/** A fault in what the parser accepts, at a node. */
class TreeFault extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

function build(document: Document.Parsed, lines: LineCounter, file: string): YamlResult {
  try {
    return { ok: true, tree: new Builder(document, lines).tree() };
  } catch (error) {
    if (!(error instanceof TreeFault)) throw error;
    const { line, col } = lines.linePos(error.offset);
    return { ok: false, mistakes: [mistakeAt(file, { message: error.message }, { line, column: col })] };
  }
}

class Builder {
  private nodes = 0;
  private aliases = 0;

  constructor(
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
  ) {}

  tree(): Tree {
    const { contents } = this.document;
    if (contents === null) return { kind: 'branch', entries: {}, origin: { line: 1, column: 1 } };
    return this.node(contents, undefined, 0);
  }

  private node(node: unknown, key: Node | undefined, depth: number): Tree {
    const offset = offsetOf(node) ?? offsetOf(key) ?? 0;
    this.nodes += 1;
    if (depth > deepest) throw new TreeFault(`nested deeper than ${deepest} levels`, offset);
    if (this.nodes > mostNodes) throw new TreeFault(`more than ${mostNodes} values`, offset);
    if (isAlias(node)) return this.alias(node.resolve(this.document), offset, key, depth);
    const origin = this.origin(offset, key);
    if (isMap(node)) return { kind: 'branch', entries: this.entries(node.items, offset, depth), origin };
    if (isSeq(node)) {
      return { kind: 'list', items: node.items.map((item) => this.node(item, undefined, depth + 1)), origin };
    }
    return { kind: 'leaf', value: isScalar(node) ? scalar(node.value, offset) : null, origin };
  }

  private alias(target: Node | undefined, offset: number, key: Node | undefined, depth: number): Tree {
    this.aliases += 1;
    if (this.aliases > mostAliases) throw new TreeFault(`more than ${mostAliases} aliases`, offset);
    if (target === undefined) throw new TreeFault('this alias points to nothing', offset);
    return { ...this.node(target, key, depth + 1), origin: this.origin(offset, key) };
  }

  private entries(
    items: readonly { readonly key: unknown; readonly value: unknown }[],
    offset: number,
    depth: number,
  ): Record<string, Tree> {
    const entries = items.map(({ key, value }) => {
      const text = isScalar(key) ? scalar(key.value, offset) : null;
      if (text === null || !isScalar(key)) {
        throw new TreeFault('a key must be plain text', offsetOf(key) ?? offset);
      }
      return [String(text), this.node(value, key, depth + 1)] as const;
    });
    return Object.fromEntries(entries);
  }

  private origin(offset: number, key: Node | undefined): Origin {
    const { line, col } = this.lines.linePos(offset);
    const keyOffset = offsetOf(key);
    if (keyOffset === undefined) return { line, column: col };
    const at = this.lines.linePos(keyOffset);
    return { line, column: col, key: { line: at.line, column: at.col } };
  }
}

function offsetOf(node: unknown): number | undefined {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined;
}

function scalar(value: unknown, offset: number): string | number | boolean | null {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) {
    return value as string | number | boolean | null;
  }
  throw new TreeFault(`a value of type ${typeof value} is not understood here`, offset);
}
