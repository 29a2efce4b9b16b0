import { z } from 'zod';
import type { QualityFinding } from '../domain/drift.js';
import { compareText } from '../domain/text.js';
import type { Database } from './database.js';
import type { Column } from './columns.js';
import type { AnalyseInput } from './types.js';

/** Rows that tell which columns requests have: a column in fewer than one of thousands may go unseen. */
const sampledRows = 10_000;
/** Columns of a side that are told; what differs comes first. */
const listedColumns = 30;

/** Columns of the requests, by the JSON type that most of their values have; none where all values are missing. */
export async function requestColumns(db: Database): Promise<Column[]> {
  const row = z.object({ name: z.string(), type: z.string().nullable() });
  const rows = await db.all(
    row,
    `SELECT key AS name, mode(type) FILTER (type <> 'NULL') AS type
    FROM (SELECT row FROM requests USING SAMPLE ${sampledRows}), json_each(row) GROUP BY key`,
  );
  return rows.map(({ name, type }) => ({ name, type: type ?? 'NULL' }));
}

/**
 * What to know where requests do not have the columns that the baseline has: both schemas, side by side. `features`
 * and `ignore` leave all other columns out of it. Columns of the baseline alone are told only where they are needed:
 * a label never comes with a request.
 */
export function compareSchemas(
  baseline: readonly Column[],
  requests: readonly Column[],
  { features, ignore, carriedAs = {} }: Pick<AnalyseInput, 'features' | 'ignore' | 'carriedAs'>,
): QualityFinding[] {
  const expected = baseline
    .filter(({ name }) => !(ignore?.includes(name) ?? false) && (features?.includes(name) ?? true))
    .map(({ name, type }) => ({ name: carriedAs[name] ?? name, type }));
  const names = new Set(expected.map(({ name }) => name));
  const found = requests.filter(({ name }) => names.has(name) || features === undefined);
  const differing = differences(
    expected,
    found,
    ignore ?? [],
    features !== undefined || ignore !== undefined,
  );
  if (differing.size === 0) return [];
  const message = `the schemas differ in ${[...differing].sort(compareText).join(', ')}: baseline ${schemaText(expected, differing)}; requests ${schemaText(found, differing)}`;
  return [{ kind: 'schema', message }];
}

/** Names of the columns that one side lacks or holds as something else. */
function differences(
  expected: readonly Column[],
  found: readonly Column[],
  ignore: readonly string[],
  needed: boolean,
): Set<string> {
  const types = new Map(found.map(({ name, type }) => [name, sortOf(type)]));
  const known = new Set(expected.map(({ name }) => name));
  const lost = expected.filter(({ name }) => !types.has(name) && needed);
  const added = found.filter(({ name }) => !known.has(name) && !ignore.includes(name));
  const other = expected.filter(({ name, type }) => {
    const now = types.get(name) ?? 'nothing';
    return now !== 'nothing' && now !== sortOf(type);
  });
  return new Set([...lost, ...added, ...other].map(({ name }) => name));
}

type Sort = 'number' | 'text' | 'true/false' | 'nothing' | 'nested';

/** What a value of a type of DuckDB, or of DuckDB's JSON, is to people; a time is text in JSON. */
function sortOf(type: string): Sort {
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL)/.test(type)) return 'number';
  if (type === 'BOOLEAN') return 'true/false';
  if (type === 'NULL' || type === '"NULL"') return 'nothing';
  if (/^(OBJECT|ARRAY|STRUCT|MAP|JSON)|\[\]$/.test(type)) return 'nested';
  return 'text';
}

function schemaText(columns: readonly Column[], differing: ReadonlySet<string>): string {
  const ordered = [...columns].sort(
    (a, b) => Number(differing.has(b.name)) - Number(differing.has(a.name)) || compareText(a.name, b.name),
  );
  const shown = ordered.slice(0, listedColumns).map(({ name, type }) => `${name} ${sortOf(type)}`);
  const more = ordered.length > listedColumns ? ` and ${ordered.length - listedColumns} more` : '';
  return `(${shown.join(', ')}${more})`;
}
