import { z } from 'zod';
import { nearest } from '../domain/text.js';
import type { Database } from './database.js';
import { pointers } from './requests.js';
import type { Column } from './columns.js';
import type { FeatureType, QualityFinding } from '../domain/drift.js';
import type { AnalyseInput } from './types.js';

export interface Feature {
  readonly column: Column;
  readonly type: FeatureType;
}

export interface Selection {
  readonly features: readonly Feature[];
  readonly findings: readonly QualityFinding[];
  /** Names of features that no request carries. */
  readonly missing: readonly string[];
}

const numeric =
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const categorical = /^(VARCHAR|BOOLEAN|ENUM\(.*\)|UUID)$/;

/**
 * Which columns are compared, and as what: columns of numbers are numerical, text and booleans categorical; dates
 * and nested values are not compared. Azure's own component takes whole numbers with few distinct values (below 5 %
 * of the rows) as categorical; here a number stays a number, since a shift of an age or a count is a distance.
 */
export async function selectFeatures(
  columns: readonly Column[],
  input: Pick<AnalyseInput, 'features' | 'ignore'>,
  carriedOf: (columns: readonly Column[]) => Promise<ReadonlySet<string>>,
): Promise<Selection> {
  const wanted = wantedColumns(columns, input);
  const carried = await carriedOf(wanted.known);
  const absent = wanted.known.filter(({ name }) => !carried.has(name)).map(({ name }) => name);
  const told = input.features !== undefined || input.ignore !== undefined;
  const features: Feature[] = [];
  const findings: QualityFinding[] = [
    ...wanted.unknown.map((name) => notInBaseline(name, columns)),
    ...absent.map((name) => (told ? lost(name) : notCarried(name))),
  ];
  for (const column of wanted.known.filter(({ name }) => carried.has(name))) {
    const type = typeOf(column);
    if (type === undefined) findings.push(notComparable(column));
    else features.push({ column, type });
  }
  return { features, findings, missing: [...wanted.unknown, ...(told ? absent : [])] };
}

function typeOf({ type }: Column): FeatureType | undefined {
  if (numeric.test(type)) return 'numerical';
  return categorical.test(type) ? 'categorical' : undefined;
}

function wantedColumns(
  columns: readonly Column[],
  { features, ignore = [] }: Pick<AnalyseInput, 'features' | 'ignore'>,
): { readonly known: readonly Column[]; readonly unknown: readonly string[] } {
  const ignored = new Set(ignore);
  if (features === undefined) return { known: columns.filter(({ name }) => !ignored.has(name)), unknown: [] };
  const asked = new Set(features.filter((name) => !ignored.has(name)));
  const names = new Set(columns.map(({ name }) => name));
  return {
    known: columns.filter(({ name }) => asked.has(name)),
    unknown: [...asked].filter((name) => !names.has(name)),
  };
}

/** Those of the columns that at least one request carries. */
export async function columnsInRequests(
  db: Database,
  columns: readonly Column[],
  carriedAs: Readonly<Record<string, string>> = {},
): Promise<Set<string>> {
  if (columns.length === 0) return new Set();
  const fields = columns.map((_, i) => `coalesce(bool_or(there[${i + 1}]), false) AS "c${i}"`);
  const there = `SELECT json_exists(row, ${pointers(columns.map(({ name }) => carriedAs[name] ?? name))}) AS there FROM requests`;
  const row = await db.one(z.record(z.string(), z.boolean()), `SELECT ${fields.join(', ')} FROM (${there})`);
  return new Set(columns.filter((_, i) => row[`c${i}`] === true).map(({ name }) => name));
}

function lost(feature: string): QualityFinding {
  return {
    kind: 'missing_data',
    feature,
    message: `${feature}: no request in the window carries this feature`,
  };
}

/** Nobody said which columns are features, so a column that never arrives may as well be the label. */
function notCarried(feature: string): QualityFinding {
  const message = `${feature}: in the baseline, but in no request: a label or an id, or a feature that callers do not send`;
  return { kind: 'not_in_requests', feature, message };
}

function notInBaseline(feature: string, columns: readonly Column[]): QualityFinding {
  const meant = nearest(
    feature,
    columns.map(({ name }) => name),
  );
  const hint = meant === undefined ? '' : `; it has ${meant}`;
  return { kind: 'missing_data', feature, message: `${feature}: the baseline has no such column${hint}` };
}

function notComparable({ name, type }: Column): QualityFinding {
  const message = `${name}: values of type ${type.toLowerCase()} are not compared`;
  return { kind: 'not_compared', feature: name, message };
}
