import { z } from 'zod';
import { formatNumber, formatShare, plural, whole } from '../domain/text.js';
import type { Database } from './database.js';
import type { Feature } from './features.js';
import { samplesOf } from './samples.js';
import type { FeatureDrift, QualityFinding } from '../domain/drift.js';
import { listed } from './words.js';

const shownCategories = 3;
const longestCategory = 40;

/** What is odd about a feature's values in the requests, apart from drift. Informative: no threshold applies. */
export async function qualityOf(
  db: Database,
  feature: Feature,
  index: number,
  drift: FeatureDrift,
  mismatched: number,
): Promise<QualityFinding[]> {
  const outside =
    drift.type === 'numerical' ? await outOfRange(db, index, drift) : await unseen(db, index, drift);
  return [...missingValues(drift), ...mismatches(feature, mismatched), ...outside];
}

function missingValues({ feature, baseline, current }: FeatureDrift): QualityFinding[] {
  if (current.nulls === 0) return [];
  const message = `${feature}: ${formatShare(current.nulls)} of the rows have no value (baseline: ${formatShare(baseline.nulls)})`;
  return [{ kind: 'nulls', feature, message }];
}

function mismatches({ column, type }: Feature, count: number): QualityFinding[] {
  if (count === 0) return [];
  const expected = type === 'numerical' ? 'number' : column.type.toLowerCase();
  const message = `${column.name}: ${plural(count, 'value')} cannot be read as ${expected}`;
  return [{ kind: 'type', feature: column.name, message }];
}

async function outOfRange(
  db: Database,
  index: number,
  { feature, baseline, current }: FeatureDrift,
): Promise<QualityFinding[]> {
  const { min, max } = baseline;
  if (min === undefined || max === undefined) return [];
  if ((current.min ?? min) >= min && (current.max ?? max) <= max) return [];
  const { count } = await db.one(
    z.object({ count: z.number() }),
    `SELECT count(*)::DOUBLE AS count FROM ${samplesOf(index).current}
    WHERE v < CAST('${min}' AS DOUBLE) OR v > CAST('${max}' AS DOUBLE)`,
  );
  if (count === 0) return [];
  const range = `${formatNumber(min)} to ${formatNumber(max)}`;
  const message = `${feature}: ${whole(count)} of ${plural(current.count, 'value')} lie outside the baseline's range, ${range}`;
  return [{ kind: 'range', feature, message }];
}

const unseenRow = z.object({ label: z.string(), count: z.number(), labels: z.number(), total: z.number() });

async function unseen(
  db: Database,
  index: number,
  { feature, current }: FeatureDrift,
): Promise<QualityFinding[]> {
  const samples = samplesOf(index);
  const rows = await db.all(
    unseenRow,
    `SELECT v AS label, count(*)::DOUBLE AS count, count(*) OVER ()::DOUBLE AS labels,
      sum(count(*)) OVER ()::DOUBLE AS total
    FROM ${samples.current} AS current_values ANTI JOIN ${samples.baseline} AS known ON current_values.v = known.v
    GROUP BY v ORDER BY count DESC, v LIMIT ${shownCategories}`,
  );
  const [first] = rows;
  if (first === undefined) return [];
  const examples = listed(
    rows.map(({ label }) => shorten(label)),
    shownCategories,
  );
  const more = first.labels > rows.length ? ', …' : '';
  const message = `${feature}: ${whole(first.total)} of ${plural(current.count, 'value')} are of ${first.labels === 1 ? 'a category' : `${whole(first.labels)} categories`} that the baseline does not have (${examples}${more})`;
  return [{ kind: 'category', feature, message }];
}

function shorten(label: string): string {
  return label.length > longestCategory ? `${label.slice(0, longestCategory)}…` : label;
}
