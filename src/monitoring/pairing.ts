import { z } from 'zod';
import type { ScoredRows } from '../domain/held-out-metrics.js';
import { withDatabase } from './database.js';
import type { Database } from './database.js';
import { openPredicted } from './predicted.js';
import { UnreadableData } from './types.js';
import { plural } from '../domain/text.js';

/** Both models' predictions, row by row. */
export interface PairedRows {
  readonly champion: ScoredRows;
  readonly challenger: ScoredRows;
}

/** More rows than these tell nothing new, and thousands of draws of them would take minutes. */
const mostRows = 500_000;

/**
 * Reads two models' held-out predictions of the same rows: by `id` where both have that column, else in their order.
 * @throws UnreadableData when a table cannot be read, or the rows are not the same.
 */
export function readPaired(files: {
  readonly champion: string;
  readonly challenger: string;
}): Promise<PairedRows> {
  return withDatabase(async (db) => {
    // Without an `id` the order of the rows is what pairs them.
    await db.run('SET preserve_insertion_order = true');
    const [champion, challenger] = [await load(db, 'champion', files), await load(db, 'challenger', files)];
    const key = champion.hasId && challenger.hasId ? 'id' : 'place';
    await requireSameRows(db, key);
    return { champion: await rowsOf(db, 'champion', key), challenger: await rowsOf(db, 'challenger', key) };
  });
}

type Side = 'champion' | 'challenger';

async function load(
  db: Database,
  side: Side,
  files: Readonly<Record<Side, string>>,
): Promise<{ readonly hasId: boolean }> {
  const { sql, hasId } = await openPredicted(db, [files[side]]);
  await db.run(`CREATE TABLE ${side} AS SELECT *, row_number() OVER () AS place FROM ${sql}`);
  return { hasId };
}

type Key = 'id' | 'place';

async function requireSameRows(db: Database, key: Key): Promise<void> {
  const problems = await problemsOfEach(db, key);
  // Ids that stand more than once would pair every row of one with every row of the other.
  if (problems.length === 0) problems.push(...(await problemsOfPairs(db, key)));
  if (problems.length > 0)
    throw new UnreadableData(`predictions cannot be compared row by row: ${problems.join('; ')}`);
}

const sizes = z.object({ rows: z.number(), keys: z.number() });

async function problemsOfEach(db: Database, key: Key): Promise<string[]> {
  const sizeOf = (side: Side): Promise<z.infer<typeof sizes>> =>
    db.one(sizes, `SELECT count(*)::DOUBLE AS rows, count(DISTINCT ${key})::DOUBLE AS keys FROM ${side}`);
  const [champion, challenger] = [await sizeOf('champion'), await sizeOf('challenger')];
  if (champion.rows !== challenger.rows)
    return [
      `the champion was scored on ${plural(champion.rows, 'row')}, the challenger on ${challenger.rows}`,
    ];
  if (champion.rows === 0) return ['there is no row'];
  if (champion.rows > mostRows) return [`${champion.rows} rows are more than ${mostRows}; log a sample`];
  return Object.entries({ champion, challenger }).flatMap(([side, { rows, keys }]) =>
    keys === rows ? [] : [`${plural(rows, 'row')} of the ${side} have ${keys} different ids`],
  );
}

const counts = z.object({ matched: z.number(), unlabelled: z.number(), differing: z.number() });

async function problemsOfPairs(db: Database, key: Key): Promise<string[]> {
  const { rows } = await db.one(
    z.object({ rows: z.number() }),
    'SELECT count(*)::DOUBLE AS rows FROM champion',
  );
  const { matched, unlabelled, differing } = await db.one(
    counts,
    `SELECT count(*)::DOUBLE AS matched,
      count(*) FILTER (a.truth IS NULL OR b.truth IS NULL)::DOUBLE AS unlabelled,
      count(*) FILTER (a.truth <> b.truth)::DOUBLE AS differing
    FROM champion a JOIN challenger b USING (${key})`,
  );
  return [
    ...(matched === rows ? [] : [`${plural(rows - matched, 'row')} of each have no partner by their id`]),
    ...(unlabelled > 0 ? [`${plural(unlabelled, 'row')} without a label`] : []),
    ...(differing > 0 ? [`${plural(differing, 'row')} with another label for each model`] : []),
  ];
}

const columns = z.tuple([
  z.array(z.string()),
  z.array(z.string().nullable()),
  z.array(z.number().nullable()),
]);

async function rowsOf(db: Database, side: Side, key: 'id' | 'place'): Promise<ScoredRows> {
  const [truth, told, score] = await db.columns(
    columns,
    `SELECT truth, told, score FROM ${side} ORDER BY ${key}`,
  );
  return { truth, told, score };
}
