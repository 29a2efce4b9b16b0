import {
  EVENT_ID,
  NOT_RESOLVED,
  YAML11_SCHEMA,
  Schema,
  YAMLException,
  constructFromEvents,
  defineScalarTag,
  parseEvents,
} from 'js-yaml';
import type { Event } from 'js-yaml';
import { layoutOf, pairsOf, spotAt } from './layout.js';
import type { Pair, Path, Spot } from './layout.js';
import { positionsIn } from './positions.js';
import type { Position } from './positions.js';
import { timestampIn } from './timestamps.js';

export type { Path } from './layout.js';
export type { Position } from './positions.js';

/** A YAML text as PyYAML, the official client's parser, reads it. */
export interface Parsed {
  readonly value: unknown;
  readonly problems: readonly {
    readonly message: string;
    readonly position: Position;
    readonly warning: boolean;
  }[];
  /** Whether the number at `path` was written as a float: Python prints `1.0` where JavaScript prints `1`. */
  readonly isFloat: (path: Path) => boolean;
  /** Whether dates or times may be among the values, as `Timestamp`. */
  readonly hasTimes: boolean;
  /** Where the value at `path` stands, or its nearest parent that is in the text. */
  readonly position: (path: Path) => Position | undefined;
}

const booleans = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const truths = /^(?:yes|true|on)$/i;
// A float needs a point, and its exponent a sign: `1e-4` is text, as PyYAML's resolver has it.
const floats = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/;
const infinities = /^[-+]?\.(?:inf|Inf|INF)$/;
const nothings = /^\.(?:nan|NaN|NAN)$/;

const bool = defineScalarTag('tag:yaml.org,2002:bool', {
  implicit: true,
  implicitFirstChars: Array.from('yYnNtTfFoO'),
  resolve: (text) => (booleans.test(text) ? truths.test(text) : NOT_RESOLVED),
  identify: () => false,
});

const float = defineScalarTag('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: Array.from('-+.0123456789'),
  resolve(text) {
    if (floats.test(text)) return Number(text.replaceAll('_', ''));
    if (infinities.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
    return nothings.test(text) ? NaN : NOT_RESOLVED;
  },
  identify: () => false,
});

const timestamp = defineScalarTag('tag:yaml.org,2002:timestamp', {
  implicit: true,
  implicitFirstChars: Array.from('0123456789'),
  resolve: (text) => timestampIn(text) ?? NOT_RESOLVED,
  identify: () => false,
});

/** YAML 1.1 of the library, corrected to PyYAML: `y` and `n` are text, floats and dates are as above. */
const schema = new Schema(
  YAML11_SCHEMA.tags.filter(({ tagName }) => !/:(?:bool|float|timestamp)$/.test(tagName)),
).withTags(bool, float, timestamp);

/** Nodes that aliases may stand for in all; what multiplies beyond that is no configuration. */
const MAX_ALIASED = 10_000;
const DEEPEST = 500;

/** Parses one document. Aliases that multiply are refused, as are several documents and nesting without end. */
export function parseYaml(written: string): Parsed {
  const given = written.replace(/^\uFEFF/, '');
  const moved: number[] = [];
  const place = positionsIn(given);
  const positionOf = (offset: number) => place(asGiven(offset, moved));
  let read: Readable;
  try {
    read = eventsOf(given, moved);
    refuseMultiplying(read.source, read.events);
  } catch (thrown) {
    return unreadable([asProblem(positionOf, thrown)]);
  }
  const { source, events } = read;
  if (events.length === 0) return unreadable([]);
  let layout: Spot | undefined;
  const laidOut = () => (layout ??= layoutOf(source, events));
  const where = {
    hasTimes: /\d{4}-\d\d?-\d\d?/.test(source),
    isFloat: (path: Path) => floats.test(spotAt(laidOut(), path).spot?.plain ?? ''),
    position(path: Path) {
      const { offset } = spotAt(laidOut(), path);
      return offset === undefined ? undefined : positionOf(offset);
    },
  };
  try {
    return { value: constructFromEvents(events, { source, schema })[0], problems: [], ...where };
  } catch (thrown) {
    return { ...inParts(read, laidOut(), positionOf, thrown), ...where };
  }
}

type PositionOf = (offset: number) => Position;

interface Readable {
  /** The text, with lines moved to where the library takes them. */
  readonly source: string;
  readonly events: Event[];
}

/** Characters that are parsed again for lines within quotes or brackets that stand too far left: each costs a parse. */
const MOST_PARSED = 20_000_000;

/**
 * PyYAML lets a text in quotes, or the bracket that ends a list, go on at the left edge; the library wants it further
 * right. Within quotes and brackets leading spaces mean nothing, so such lines are moved; their offsets are added to `moved`.
 */
function eventsOf(given: string, moved: number[]): Readable {
  let source = given;
  for (let parsed = 0; ; parsed += source.length) {
    try {
      return { source, events: parseEvents(source, { maxDepth: DEEPEST }) };
    } catch (thrown) {
      const line = parsed < MOST_PARSED ? shallowLine(source, thrown) : undefined;
      if (line === undefined) throw thrown;
      moved.push(line);
      source = source.slice(0, line) + ' '.repeat(DEEPEST) + source.slice(line);
    }
  }
}

/** Where in the text as it was given stands what has this offset in the text with moved lines. */
function asGiven(offset: number, moved: readonly number[]): number {
  return moved.reduce((at, line) => at - Math.min(DEEPEST, Math.max(0, offset - line)), offset);
}

/** Offset of the line that stands too far left, if that is what was thrown and spaces alone lead it. */
function shallowLine(source: string, thrown: unknown): number | undefined {
  if (!(thrown instanceof YAMLException) || thrown.reason !== 'deficient indentation') return undefined;
  const at = thrown.mark?.position ?? 0;
  const line = source.lastIndexOf('\n', at - 1) + 1;
  const lead = source.slice(line, at);
  return /^ *$/.test(lead) && lead.length < DEEPEST ? line : undefined;
}

function unreadable(problems: Parsed['problems']): Parsed {
  return { value: undefined, problems, isFloat: () => false, hasTimes: false, position: () => undefined };
}

/** What the parser throws at its first offence, told of the whole text: keys that are placeholders or stand twice. */
function inParts(
  { source, events }: Readable,
  layout: Spot,
  positionOf: PositionOf,
  thrown: unknown,
): Pick<Parsed, 'value' | 'problems'> {
  const pairs = [...pairsOf(layout)];
  const braced = pairs
    .filter(({ pair }) => pair.isMapping)
    .map(({ pair: { name, offset = 0 } }) => ({
      message: `${name} stands where a value belongs: a placeholder that nobody has filled in, or text that needs quotes`,
      position: positionOf(offset),
      warning: false,
    }));
  const repeated = repeatedIn(pairs)
    .filter(({ name }) => name !== '<<')
    .map(({ name, offset = 0 }) => ({
      message: `the key ${name} stands twice; the last one counts`,
      position: positionOf(offset),
      warning: true,
    }));
  if (braced.length > 0) return { value: undefined, problems: [...braced, ...repeated] };
  if (repeated.length === 0) return { value: undefined, problems: [asProblem(positionOf, thrown)] };
  try {
    return { value: constructFromEvents(events, { source, schema, json: true })[0], problems: repeated };
  } catch (other) {
    return { value: undefined, problems: [asProblem(positionOf, other), ...repeated] };
  }
}

/** Pairs whose key stands before them in the same mapping. */
function repeatedIn(pairs: readonly { readonly pair: Pair; readonly among: Spot }[]): Pair[] {
  const names = new Map<Spot, Set<string>>();
  return pairs.flatMap(({ pair, among }) => {
    const before = names.get(among) ?? new Set();
    if (before.has(pair.name)) return [pair];
    names.set(among, before.add(pair.name));
    return [];
  });
}

function asProblem(positionOf: PositionOf, thrown: unknown): Parsed['problems'][number] {
  if (!(thrown instanceof YAMLException)) throw thrown;
  const message = thrown.reason.startsWith('nesting exceeded')
    ? 'nested too deeply to be read'
    : thrown.reason;
  const position = positionOf(thrown.mark?.position ?? 0);
  return { message, position, warning: false };
}

/**
 * Refuses several documents, and aliases that stand for themselves or for more than a configuration holds: the value
 * would have no end, or no end within memory.
 */
function refuseMultiplying(source: string, events: readonly Event[]): void {
  const second = events.findIndex(({ type }, index) => index > 0 && type === EVENT_ID.DOCUMENT);
  if (second > 0)
    refuse(source, events[second + 1], 'a second document starts here; write one document a file');
  if (!events.some(({ type }) => type === EVENT_ID.ALIAS)) return;
  const sizes = new Map<string, number>();
  const open: { name: string; size: number }[] = [];
  let aliased = 0;
  for (const event of events) {
    let size = 1;
    const name =
      'anchorEnd' in event && event.anchorStart >= 0 ? source.slice(event.anchorStart, event.anchorEnd) : '';
    if (event.type === EVENT_ID.ALIAS) {
      if (open.some((one) => one.name === name))
        refuse(source, event, `the alias ${name} stands within itself`);
      size = sizes.get(name) ?? 1;
      aliased += size;
      if (aliased > MAX_ALIASED) refuse(source, event, 'aliases stand for more than a configuration holds');
    } else if (event.type === EVENT_ID.POP) {
      const closed = open.pop() ?? { name: '', size };
      size = closed.size;
      sizes.set(closed.name, size);
    } else if (event.type !== EVENT_ID.SCALAR) {
      open.push({ name, size });
      continue;
    } else sizes.set(name, size);
    const parent = open.at(-1);
    if (parent !== undefined) parent.size += size;
  }
}

function refuse(source: string, event: Event | undefined, reason: string): never {
  const at = event === undefined ? -1 : Math.max(...offsetsOf(event));
  throw new YAMLException(reason, {
    buffer: source,
    position: Math.max(0, at),
    line: 0,
    column: 0,
  });
}

function offsetsOf(event: Event): number[] {
  return ['start', 'valueStart', 'anchorStart'].flatMap((key): number[] =>
    key in event ? [(event as unknown as Record<string, number>)[key] ?? -1] : [-1],
  );
}
