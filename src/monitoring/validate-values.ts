import { z } from 'zod';
import type { DataRules } from '../domain/project.js';
import { formatNumber, plural, whole } from '../domain/text.js';
import { identifier, literals } from './database.js';
import type { Database } from './database.js';
import { double } from './numbers/grid.js';
import { hasValue, unreadable } from './columns.js';
import { type Table } from './tables.js';
import { type Check, unknownColumn } from './check.js';
import { listed } from './words.js';

interface ValueRule {
  readonly column: string;
  readonly allowed: string;
  /** SQL that holds where a value breaks the rule. */
  readonly broken: (name: string) => string;
}

const found = z.object({ count: z.number(), sample: z.string().nullable() });

/** Checks of columns, ranges and categories: each tells how many values break it, and one of them. */
export async function checkValues(db: Database, table: Table, rules: DataRules): Promise<Check[]> {
  const names = table.columns.map(({ name }) => name);
  const missing = (rules.columns ?? []).filter((name) => !names.includes(name));
  const checks: Check[] = missing.map((name) => ({ ok: false, finding: unknownColumn(name, names) }));
  if (rules.columns !== undefined && missing.length === 0)
    checks.push({ ok: true, finding: `all ${plural(rules.columns.length, 'required column')} are there ✓` });
  for (const rule of valueRules(rules)) checks.push(await checkRule(db, table, rule, names));
  return checks;
}

function valueRules({ ranges = {}, categories = {} }: DataRules): ValueRule[] {
  return [
    ...Object.entries(ranges).map(([column, [least, most]]) => ({
      column,
      allowed: `${formatNumber(least)} to ${formatNumber(most)}`,
      // What is no number breaks a range too.
      broken: (name: string) =>
        `coalesce(NOT (TRY_CAST(${name} AS DOUBLE) BETWEEN ${double(least)} AND ${double(most)}), true)`,
    })),
    ...Object.entries(categories).map(([column, values]) => ({
      column,
      allowed: listed(values, 8),
      broken: (name: string) => `CAST(${name} AS VARCHAR) NOT IN (SELECT unnest(${literals(values)}))`,
    })),
  ];
}

async function checkRule(
  db: Database,
  { sql, columns }: Table,
  { column, allowed, broken }: ValueRule,
  names: readonly string[],
): Promise<Check> {
  const known = columns.find(({ name }) => name === column);
  if (known === undefined) return { ok: false, finding: unknownColumn(column, names) };
  const name = identifier(column);
  const { count, sample } = await db
    .one(
      found,
      `SELECT count(*)::DOUBLE AS count, any_value(CAST(${name} AS VARCHAR)) AS sample
      FROM ${sql} WHERE ${hasValue(known)} AND ${broken(name)}`,
    )
    .catch((error: unknown) => {
      throw unreadable(error);
    });
  if (count === 0) return { ok: true, finding: `${column}: all values are ${allowed} ✓` };
  const values = `${whole(count)} ${count === 1 ? 'value is' : 'values are'}`;
  return {
    ok: false,
    finding: `${column}: ${values} not ${allowed}, such as ${String(sample).slice(0, 40)} ✗`,
  };
}
