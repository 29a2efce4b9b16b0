import { EVENT_ID, SCALAR_STYLE, getScalarValue } from 'js-yaml';
import type { Event } from 'js-yaml';

export type Path = readonly (string | number)[];

/** What stands where in a YAML text. */
export interface Spot {
  /** Of its first character; undefined for an empty value. */
  readonly offset?: number;
  /** A scalar without quotes and tag, as written. */
  readonly plain?: string;
  readonly items?: Spot[];
  readonly pairs?: Pair[];
}

export interface Pair {
  /** The key as written; for a mapping that stands as one, `{{name}}`. */
  readonly name: string;
  readonly isMapping: boolean;
  readonly offset?: number;
  readonly value: Spot;
}

/** Where the values of a text stand: built from the parser's own events, when somebody asks. */
export function layoutOf(source: string, events: readonly Event[]): Spot {
  const anchors = new Map<string, Spot>();
  let next = 0;
  const named = (event: Event, spot: Spot): Spot => {
    if ('anchorEnd' in event && event.anchorStart >= 0)
      anchors.set(source.slice(event.anchorStart, event.anchorEnd), spot);
    return spot;
  };
  const isOpen = () => events[next] !== undefined && events[next]?.type !== EVENT_ID.POP;
  const read = (): Spot => {
    const event = events[next];
    next += 1;
    if (event === undefined) return {};
    if (event.type === EVENT_ID.ALIAS) {
      return anchors.get(source.slice(event.anchorStart, event.anchorEnd)) ?? { offset: event.anchorStart };
    }
    if (event.type === EVENT_ID.SCALAR) return named(event, scalar(source, event));
    if (event.type !== EVENT_ID.SEQUENCE && event.type !== EVENT_ID.MAPPING) return {};
    const items: Spot[] = [];
    const pairs: Pair[] = [];
    const isMapping = event.type === EVENT_ID.MAPPING;
    const spot = named(event, { offset: event.start, ...(isMapping ? { pairs } : { items }) });
    while (isOpen()) {
      const item = read();
      if (isMapping) pairs.push(pairOf(item, read()));
      else items.push(item);
    }
    next += 1;
    return spot;
  };
  next = 1;
  return read();
}

type Scalar = Extract<Event, { readonly type: typeof EVENT_ID.SCALAR }>;

function scalar(source: string, event: Scalar): Spot & { readonly text: string } {
  const text = event.valueStart < 0 ? '' : getScalarValue(source, event);
  if (event.valueStart < 0) return { text, plain: '' };
  const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  const isPlain = event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0;
  return { text, offset: event.valueStart - (isQuoted ? 1 : 0), ...(isPlain ? { plain: text } : {}) };
}

function pairOf(key: Spot, value: Spot): Pair {
  const at = key.offset === undefined ? {} : { offset: key.offset };
  if (key.pairs !== undefined) {
    const name = `{{${key.pairs.map((pair) => pair.name).join(', ')}}}`;
    return { name, isMapping: true, ...at, value };
  }
  return { name: 'text' in key ? String(key.text) : '', isMapping: false, ...at, value };
}

/** Every pair of the text, once. */
export function* pairsOf(spot: Spot, seen = new Set<Spot>()): Generator<{ pair: Pair; among: Spot }> {
  if (seen.has(spot)) return;
  seen.add(spot);
  for (const pair of spot.pairs ?? []) {
    yield { pair, among: spot };
    yield* pairsOf(pair.value, seen);
  }
  for (const item of spot.items ?? []) yield* pairsOf(item, seen);
}

/** What stands at `path`, or at its nearest parent that is in the text: with its key's offset, where it has one. */
export function spotAt(root: Spot, path: Path): { readonly offset?: number; readonly spot?: Spot } {
  let spot = root;
  let offset = root.offset;
  for (const part of path) {
    const pair = spot.pairs?.findLast(({ name, isMapping }) => !isMapping && name === String(part));
    const below = pair?.value ?? (typeof part === 'number' ? spot.items?.[part] : undefined);
    if (below === undefined) return offset === undefined ? {} : { offset };
    offset = (pair === undefined ? below.offset : pair.offset) ?? offset;
    spot = below;
  }
  return { spot, ...(offset === undefined ? {} : { offset }) };
}
