import { invalid } from './errors.js';

/** Where a filter looks: `metrics.auc`, `params.x`, `tags.y`, or an attribute (also without prefix). */
export interface Field {
  readonly kind: 'metrics' | 'params' | 'tags' | 'attributes';
  readonly key: string;
}

/** Value of a field of one entity; undefined when it has none. */
export type Lookup<T> = (entity: T, field: Field) => string | number | undefined;

const KINDS: Record<string, Field['kind']> = {
  metrics: 'metrics',
  metric: 'metrics',
  params: 'params',
  param: 'params',
  parameter: 'params',
  parameters: 'params',
  tags: 'tags',
  tag: 'tags',
  attributes: 'attributes',
  attribute: 'attributes',
  attr: 'attributes',
  run: 'attributes',
};

const FIELD = String.raw`(?:[A-Za-z_]+\.)?(?:\x60[^\x60]+\x60|"[^"]+"|[\w./-]+)`;
const VALUE = String.raw`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[-+\w.]+`;
const COMPARISON = new RegExp(
  String.raw`^\s*(${FIELD})\s*(?:(!=|>=|<=|=|>|<|\b(?:NOT\s+)?I?LIKE\b)\s*(${VALUE})|\b((?:NOT\s+)?IN)\s*\(([^)]*)\)|\bIS\s+(NOT\s+)?NULL\b)\s*(?:AND\b|$)`,
  'i',
);

type Test = (found: string | number | undefined) => boolean;

/** Keeps what MLflow's filter language selects: comparisons joined by AND. Throws INVALID_PARAMETER_VALUE. */
export function filterBy<T>(entities: readonly T[], filter: string | undefined, lookup: Lookup<T>): T[] {
  let rest = filter ?? '';
  let kept = [...entities];
  while (rest.trim() !== '') {
    const match = COMPARISON.exec(rest);
    if (match?.[1] === undefined)
      throw invalid(
        `Invalid filter '${filter ?? ''}': cannot read it from '${rest.trim()}' on. Expected comparisons such as metrics.auc > 0.7 joined by AND.`,
      );
    const field = parseField(match[1]);
    const test = toTest(match);
    kept = kept.filter((entity) => test(lookup(entity, field)));
    rest = rest.slice(match[0].length);
  }
  return kept;
}

function parseField(text: string): Field {
  const dot = /^([A-Za-z_]+)\.(.+)$/.exec(text);
  const kind = dot?.[1] === undefined ? undefined : KINDS[dot[1].toLowerCase()];
  const key = kind === undefined ? text : (dot?.[2] ?? text);
  return { kind: kind ?? 'attributes', key: key.replace(/^[`"]|[`"]$/g, '') };
}

function toTest([, , operator, value, membership, list, not]: RegExpExecArray): Test {
  if (membership !== undefined) {
    const values = (list?.match(new RegExp(VALUE, 'g')) ?? []).map(unquote);
    const wanted = !/^not/i.test(membership);
    return (found) => found !== undefined && values.includes(String(found)) === wanted;
  }
  if (operator === undefined || value === undefined)
    return (found) => (found === undefined) === (not === undefined);
  if (/like$/i.test(operator)) return toLike(operator, unquote(value));
  return (found) => found !== undefined && compares(operator, compare(found, unquote(value)));
}

function unquote(text: string): string {
  return /^['"]/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}

function toLike(operator: string, pattern: string): Test {
  const escaped = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  const expression = new RegExp(`^${escaped}$`, /ilike/i.test(operator) ? 'is' : 's');
  const wanted = !/^not/i.test(operator);
  return (found) => found !== undefined && expression.test(String(found)) === wanted;
}

function compare(found: string | number, wanted: string): number {
  if (typeof found === 'number') return found - Number(wanted);
  return found === wanted ? 0 : found < wanted ? -1 : 1;
}

/** NaN compares false with everything but `!=`. */
function compares(operator: string, difference: number): boolean {
  if (operator === '=') return difference === 0;
  if (operator === '!=') return difference !== 0;
  if (operator === '>') return difference > 0;
  if (operator === '>=') return difference >= 0;
  if (operator === '<') return difference < 0;
  return difference <= 0;
}

/** Sorts by clauses such as `metrics.auc DESC`; entities without the field come last. */
export function orderBy<T>(entities: readonly T[], clauses: readonly string[], lookup: Lookup<T>): T[] {
  const parsed = clauses.map((clause) => {
    const match = new RegExp(String.raw`^\s*(${FIELD})(?:\s+(ASC|DESC))?\s*$`, 'i').exec(clause);
    if (match?.[1] === undefined)
      throw invalid(`Invalid order_by clause '${clause}'. Expected e.g. metrics.auc DESC.`);
    return { field: parseField(match[1]), sign: match[2]?.toUpperCase() === 'DESC' ? -1 : 1 };
  });
  return entities.toSorted((left, right) => {
    for (const { field, sign } of parsed) {
      const order = orderOf(lookup(left, field), lookup(right, field), sign);
      if (order !== 0) return order;
    }
    return 0;
  });
}

function orderOf(
  left: string | number | undefined,
  right: string | number | undefined,
  sign: number,
): number {
  if (left === undefined || right === undefined)
    return Number(left === undefined) - Number(right === undefined);
  if (typeof left === 'number' && typeof right === 'number') return (left - right || 0) * sign;
  return (String(left) < String(right) ? -1 : Number(String(left) > String(right))) * sign;
}

/** One page, and the token of the next one (an offset) when there is more. */
export function page<T>(
  entities: readonly T[],
  maxResults: number | undefined,
  token: string | undefined,
  defaultSize = 1000,
): { items: T[]; next_page_token?: string } {
  const start = token === undefined || token === '' ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isSafeInteger(start) || start < 0) throw invalid(`Invalid page token '${token ?? ''}'.`);
  const end = start + (maxResults ?? defaultSize);
  const items = entities.slice(start, end);
  return end < entities.length
    ? { items, next_page_token: Buffer.from(String(end)).toString('base64url') }
    : { items };
}
