import { z } from 'zod';
import type { Condition, DataRules } from '../domain/project.js';
import { compareText, formatNumber, formatOp, formatPair, meets, plural, whole } from '../domain/text.js';
import { withDatabase } from './database.js';
import { type Check, unknownColumn } from './check.js';
import { checkValues } from './validate-values.js';
import type { Database } from './database.js';
import { hasValue, unreadable } from './columns.js';
import { openTable } from './tables.js';
import type { Table } from './tables.js';
import { UnreadableData } from './types.js';

export interface Validation {
  readonly ok: boolean;
  /** One sentence a check, with numbers, also for what passed. */
  readonly findings: readonly string[];
}

interface Counts {
  readonly rows: number;
  /** Column → missing values. */
  readonly nulls: ReadonlyMap<string, number>;
}

const listedColumns = 8;

/**
 * Holds a table against a project's rules, in one pass and bounded memory. Empty fields of a CSV file and the
 * spellings that pandas reads as missing (`NA`, `NaN`, …) count as missing values. Data that cannot be read is a
 * finding like any other.
 * @param files CSV, Parquet or JSON Lines files on this machine, or folders of them; columns are matched by name.
 */
export async function validateData(files: readonly string[], rules: DataRules): Promise<Validation> {
  try {
    return await withDatabase(async (db) => {
      const table = await openTable(db, files);
      const counts = await count(db, table);
      const checks = [
        checkRows(table, counts, rules.rows),
        ...Object.entries(rules.nulls).map(([column, condition]) => checkNulls(column, condition, counts)),
      ];
      checks.push(...(await checkValues(db, table, rules)));
      const others = otherNulls(counts, rules);
      const findings = [...checks.map(({ finding }) => finding), ...(others === undefined ? [] : [others])];
      return { ok: checks.every(({ ok }) => ok), findings };
    });
  } catch (error) {
    if (error instanceof UnreadableData) {
      return { ok: false, findings: [`the data cannot be read: ${error.message} ✗`] };
    }
    throw error;
  }
}

async function count(db: Database, { sql, columns }: Table): Promise<Counts> {
  const fields = columns.map((column, i) => `count(*) FILTER (NOT (${hasValue(column)}))::DOUBLE AS "c${i}"`);
  const select = ['count(*)::DOUBLE AS rows', ...fields].join(', ');
  const row = await db
    .one(z.record(z.string(), z.number()), `SELECT ${select} FROM ${sql}`)
    .catch((error: unknown) => {
      throw unreadable(error);
    });
  return {
    rows: row['rows'] ?? 0,
    nulls: new Map(columns.map(({ name }, i) => [name, row[`c${i}`] ?? 0])),
  };
}

function checkRows({ files, columns }: Table, { rows }: Counts, rule: Condition | undefined): Check {
  const where = `${plural(columns.length, 'column')} in ${plural(files.length, 'file')}`;
  if (rule === undefined) {
    const ok = rows > 0;
    return { ok, finding: `${plural(rows, 'row')}, ${where}${ok ? '' : ': there is no data ✗'}` };
  }
  const ok = meets(rows, rule);
  const bound = `${formatOp(rule.op)} ${whole(rule.value)}`;
  return { ok, finding: `${plural(rows, 'row')} ${ok ? `${bound} ✓` : `is not ${bound} ✗`} (${where})` };
}

function checkNulls(column: string, rule: Condition, { rows, nulls }: Counts): Check {
  const missing = nulls.get(column);
  if (missing === undefined) return { ok: false, finding: unknownColumn(column, [...nulls.keys()]) };
  const share = rows === 0 ? 0 : missing / rows;
  const ok = meets(share, rule);
  const [shown, bound] = formatPair(share * 100, rule.value * 100);
  const relation = `${ok ? '' : 'is not '}${formatOp(rule.op)} ${bound} %`;
  return {
    ok,
    finding: `${column}: ${shown} % missing (${whole(missing)} of ${plural(rows, 'row')}) ${relation} ${ok ? '✓' : '✗'}`,
  };
}

/** Columns that have missing values and no rule: worth knowing before a model meets them. */
function otherNulls({ rows, nulls }: Counts, rules: DataRules): string | undefined {
  const found = [...nulls]
    .filter(([name, missing]) => missing > 0 && !Object.hasOwn(rules.nulls, name))
    .sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]));
  if (found.length === 0) return undefined;
  const listed = found
    .slice(0, listedColumns)
    .map(([name, missing]) => `${name} ${formatNumber((missing / rows) * 100)} %`);
  const more = found.length > listedColumns ? ` and ${found.length - listedColumns} more` : '';
  return `missing values in columns without a rule: ${listed.join(', ')}${more}`;
}
