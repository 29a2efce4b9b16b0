import { z } from 'zod';
import { withDatabase } from './database.js';
import type { Database } from './database.js';
import { compareFeature, type Rows } from './compare-feature.js';
import { columnsInRequests, selectFeatures } from './features.js';
import type { Feature } from './features.js';
import { qualityOf } from './quality.js';
import { loadRequests } from './requests.js';
import type { CollectedRows } from './requests.js';
import { countMismatches, makeBaseline, makeCurrent, makeCurrentOf, samplesOf } from './samples.js';
import { compareSchemas, requestColumns } from './schemas.js';
import { summarise } from './summary.js';
import { unreadable } from './columns.js';
import { openTable } from './tables.js';
import type { Column } from './columns.js';
import { UnreadableData } from './types.js';
import { nothingCompared, severity } from '../domain/drift.js';
import type { DriftAnalysis, DriftVerdict, FeatureDrift, QualityFinding } from '../domain/drift.js';
import type { AnalyseInput } from './types.js';
import { plural } from '../domain/text.js';

/** Text columns with fewer baseline rows than this are never taken for identifiers. */
const identifierRows = 100;
const identifierShare = 0.5;

/**
 * Compares what an endpoint was asked with what its model was trained on, feature by feature, by the metrics and
 * meanings of Azure ML's monitor: Normalized Wasserstein distance for numbers, Jensen–Shannon distance (base 2) for
 * categories, drifted when above the threshold. Azure drops rows with any missing value; here only the value is
 * left out. Too few rows, or a feature that one side lacks, is `missing_data` and never a pass; drift in enough rows
 * outweighs it. A baseline that cannot be read is told as `missing_data` too.
 *
 * Columns that are neither in `features` nor `ignore` are features if either was given; if neither was, those that
 * no request carries are taken for labels and ids.
 */
export function analyse(input: AnalyseInput): Promise<DriftAnalysis> {
  return withDatabase(async (db) => {
    try {
      return await compare(db, input);
    } catch (error) {
      if (!(error instanceof UnreadableData)) throw error;
      const { plan, windowFromMs: fromMs, windowToMs: toMs } = input;
      return nothingCompared(
        { window: { fromMs, toMs }, minRows: plan.minRows },
        `data cannot be read: ${error.message}`,
      );
    }
  });
}

interface Comparison {
  readonly rows: number;
  readonly baselineRows: number;
  readonly features: readonly FeatureDrift[];
  readonly findings: readonly QualityFinding[];
  readonly missing: readonly string[];
}

async function compare(db: Database, input: AnalyseInput): Promise<DriftAnalysis> {
  const table = await openTable(db, input.baseline);
  const now = await openCurrent(db, input);
  const baselineRows = await countRows(db, table.sql);
  if (now.rows === 0) {
    return conclude(input, { rows: 0, baselineRows, features: [], findings: now.findings, missing: [] });
  }
  const selection = await selectFeatures(table.columns, input, now.carried);
  const schema = compareSchemas(table.columns, await now.columns(), input);
  const rows = { baseline: baselineRows, current: now.rows };
  let mismatches: readonly number[] = [];
  if (selection.features.length > 0) {
    try {
      await makeBaseline(db, table, selection.features);
    } catch (error) {
      throw unreadable(error);
    }
    mismatches = await now.make(selection.features);
  }
  const compared = await compareFeatures(db, selection.features, rows, mismatches, input);
  return conclude(input, {
    rows: now.rows,
    baselineRows,
    features: compared.features,
    findings: [...schema, ...selection.findings, ...compared.findings, ...now.findings],
    missing: [...selection.missing, ...compared.missing],
  });
}

/** What is compared with the baseline. */
interface Current {
  readonly rows: number;
  readonly findings: readonly QualityFinding[];
  readonly columns: () => Promise<readonly Column[]>;
  /** Which of the columns it has. */
  readonly carried: (columns: readonly Column[]) => Promise<ReadonlySet<string>>;
  /** Makes the table; returns how many values of each feature are of another type. */
  readonly make: (features: readonly Feature[]) => Promise<readonly number[]>;
}

async function openCurrent(db: Database, input: AnalyseInput): Promise<Current> {
  if (input.currentTable !== undefined) {
    const table = await openTable(db, input.currentTable);
    const names = new Set(table.columns.map(({ name }) => name));
    return {
      rows: await countRows(db, table.sql),
      findings: [],
      columns: () => Promise.resolve(table.columns),
      carried: () => Promise.resolve(names),
      make: async (features) => {
        await makeCurrentOf(db, table, features);
        return features.map(() => 0);
      },
    };
  }
  const window = { fromMs: input.windowFromMs, toMs: input.windowToMs };
  const collected = await loadRequests(db, input.collectedInputs, window);
  return {
    rows: collected.rows,
    findings: unreadLines(collected),
    columns: () => requestColumns(db),
    carried: (columns) => columnsInRequests(db, columns, input.carriedAs),
    make: async (features) => {
      await makeCurrent(db, features, input.carriedAs);
      return await countMismatches(db, features);
    },
  };
}

async function countRows(db: Database, relation: string): Promise<number> {
  try {
    const row = z.object({ count: z.number() });
    return (await db.one(row, `SELECT count(*)::DOUBLE AS count FROM ${relation}`)).count;
  } catch (error) {
    throw unreadable(error);
  }
}

async function compareFeatures(
  db: Database,
  features: readonly Feature[],
  rows: Rows,
  mismatches: readonly number[],
  { mode = 'one-pass', plan }: AnalyseInput,
): Promise<Pick<Comparison, 'features' | 'findings' | 'missing'>> {
  const drifts: FeatureDrift[] = [];
  const findings: QualityFinding[] = [];
  const missing: string[] = [];
  for (const [index, feature] of features.entries()) {
    const { name } = feature.column;
    if (feature.type === 'categorical' && (await isIdentifier(db, index))) {
      const message = `${name}: nearly every value of the baseline is another, as in an identifier; not compared`;
      findings.push({ kind: 'not_compared', feature: name, message });
      continue;
    }
    const mismatched = mismatches[index] ?? 0;
    const drift = await compareFeature(db, feature, index, { ...rows, mismatched }, { mode, plan });
    if (drift === undefined) {
      missing.push(name);
      const message = `${name}: no usable value on one side, so there is nothing to compare`;
      findings.push({ kind: 'missing_data', feature: name, message });
      continue;
    }
    drifts.push(drift);
    findings.push(...(await qualityOf(db, feature, index, drift, mismatched)));
  }
  return { features: drifts, findings, missing };
}

async function isIdentifier(db: Database, index: number): Promise<boolean> {
  const { count, distinct } = await db.one(
    z.object({ count: z.number(), distinct: z.number() }),
    `SELECT count(v)::DOUBLE AS count, approx_count_distinct(v)::DOUBLE AS distinct FROM ${samplesOf(index).baseline}`,
  );
  return count >= identifierRows && distinct > identifierShare * count;
}

function conclude(input: AnalyseInput, found: Comparison): DriftAnalysis {
  const { plan, windowFromMs: fromMs, windowToMs: toMs } = input;
  const features = [...found.features].sort((a, b) => severity(b) - severity(a));
  const verdict = verdictOf({ ...found, minRows: plan.minRows });
  return {
    verdict,
    window: { fromMs, toMs },
    rows: found.rows,
    minRows: plan.minRows,
    baselineRows: found.baselineRows,
    features,
    dataQuality: found.findings,
    summary: summarise({ ...found, verdict, features, minRows: plan.minRows }),
  };
}

function verdictOf(found: Comparison & { readonly minRows: number }): DriftVerdict {
  if (found.rows === 0 || found.baselineRows === 0 || found.rows < found.minRows) return 'missing_data';
  if (found.features.some(({ breached }) => breached)) return 'breach';
  return found.missing.length > 0 || found.features.length === 0 ? 'missing_data' : 'ok';
}

function unreadLines({ brokenLines, brokenSamples, unnamed }: CollectedRows): QualityFinding[] {
  const findings: QualityFinding[] = [];
  if (brokenLines > 0) {
    const samples = brokenSamples.map((line) => `“${line}”`).join(', ');
    const shown = samples === '' ? '' : `, such as ${samples}`;
    const message = `${plural(brokenLines, 'line')} of the collected data cannot be read: no JSON, or no time${shown}`;
    findings.push({ kind: 'unreadable', message });
  }
  if (unnamed > 0) {
    const message = `${plural(unnamed, 'collected request')} without rows by column name (payloads above 4 MB are kept elsewhere)`;
    findings.push({ kind: 'unreadable', message });
  }
  return findings;
}
