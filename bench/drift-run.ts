import { z } from 'zod';
import { withDatabase } from '../src/monitoring/database.js';
import { analyse } from '../src/monitoring/index.js';

/** One way to go over two Parquet files, in a process of its own: prints milliseconds and peak memory as JSON. */
const [, , way = '', baseline = '', current = ''] = process.argv;

const started = performance.now();
const found = way === 'scan' ? await scan() : await compare(way === 'exact' ? 'exact' : 'one-pass');
const ms = performance.now() - started;
console.log(JSON.stringify({ ms, peakMb: process.resourceUsage().maxRSS / 1024, found }));

/** The least that anything can do which looks at all values: a sum of each column. */
function scan(): Promise<object> {
  return withDatabase(async (db) => {
    for (const file of [baseline, current])
      await db.all(z.record(z.string(), z.number()), `SELECT sum(COLUMNS(*))::DOUBLE FROM '${file}'`);
    return {};
  });
}

async function compare(mode: 'exact' | 'one-pass'): Promise<object> {
  const { features } = await analyse({
    baseline: [baseline],
    currentTable: [current],
    collectedInputs: [],
    windowFromMs: 0,
    windowToMs: 0,
    mode,
    plan: { numericalThreshold: 0.1, categoricalThreshold: 0.1, minRows: 1 },
  });
  return Object.fromEntries(
    features.map(({ feature, statistics }) => [
      feature,
      Object.fromEntries(statistics.map(({ metric, value, gap }) => [metric, gap ?? value])),
    ]),
  );
}
