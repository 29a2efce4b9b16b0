import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { withDatabase } from '../src/monitoring/database.js';

const run = promisify(execFile);
const { values } = parseArgs({ options: { rows: { type: 'string', default: '10000000' } } });
const rows = Number(values.rows);
if (!Number.isSafeInteger(rows) || rows < 100)
  throw new Error(`--rows ${values.rows} is no number from 100 on`);

const packages = ['numpy==2.2.6', 'scipy==1.15.3', 'pandas==2.3.3', 'pyarrow==21.0.0'];
const outcome = z.object({
  ms: z.number(),
  peakMb: z.number(),
  found: z.record(z.string(), z.record(z.string(), z.number())),
});
type Outcome = z.infer<typeof outcome>;

/** A number drawn from a normal distribution. */
const normal = 'sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())';

/** Eight features as tables of people have them: ages, counts, rounded readings, skewed amounts, and noise. */
function features(shift: number): string {
  return [
    `(20 + abs(${normal} * 15 + 12 + ${shift * 15}))::INTEGER AS age`,
    'floor(-ln(1 - random()) * 3)::INTEGER AS visits',
    `round(${normal} * 32 + 110 + ${shift * 32}, 0) AS glucose`,
    `round(${normal} * 17 + 71, 1) AS pressure`,
    `round(exp(${normal} * 0.7 + 4), 2) AS insulin`,
    `round(${normal} * 9 + 31, 4) AS bmi`,
    `${normal} * 0.3 + 0.4 + ${shift * 0.3} AS pedigree`,
    'random() * 100 AS score',
  ].join(', ');
}

async function generate(folder: string): Promise<[string, string]> {
  const files: [string, string] = [join(folder, 'baseline.parquet'), join(folder, 'current.parquet')];
  await withDatabase(async (db) => {
    // Only one thread draws the same numbers every time.
    await db.run('SET threads = 1');
    for (const [i, file] of files.entries()) {
      await db.run(`SELECT setseed(${i === 0 ? 0.1 : 0.2})`);
      await db.run(`COPY (SELECT ${features(i * 0.1)} FROM range(${rows})) TO '${file}' (FORMAT parquet)`);
    }
  });
  return files;
}

async function measure(command: string, args: readonly string[]): Promise<Outcome> {
  const { stdout } = await run(command, args, { maxBuffer: 64 * 1024 * 1024 });
  return outcome.parse(JSON.parse(stdout));
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'mlops-bench-'));
try {
  const files = await generate(folder);
  const ours = (way: string): Promise<Outcome> =>
    measure(process.execPath, [here('drift-run.js'), way, ...files]);
  // The first look fills the caches of the disk.
  await ours('scan');
  const [scan, onePass, exact] = [await ours('scan'), await ours('one-pass'), await ours('exact')];
  const uv = process.env['AZUREML_EMULATOR_UV'] ?? 'uv';
  const python = ['run', '--no-project', '--quiet', '--python', 'python3'];
  const script = here('../../bench/drift_scipy.py');
  const scipy = await measure(uv, [
    ...python,
    ...packages.flatMap((requirement) => ['--with', requirement]),
    'python',
    script,
    ...files,
  ]);
  report({ scan, onePass, exact, scipy });
} finally {
  await rm(folder, { recursive: true, force: true });
}

function report({
  scan,
  onePass,
  exact,
  scipy,
}: Record<'scan' | 'onePass' | 'exact' | 'scipy', Outcome>): void {
  const line = (name: string, { ms, peakMb }: Outcome): string =>
    `  ${name.padEnd(28)} ${(ms / 1000).toFixed(2).padStart(8)} s ${peakMb.toFixed(0).padStart(6)} MB` +
    `  ${(scipy.ms / ms).toFixed(1).padStart(6)} × as fast as pandas + SciPy, ${(ms / scan.ms).toFixed(1)} × a bare scan`;
  console.log(`Drift of two Parquet files of ${rows.toLocaleString('en-US')} rows × 8 features`);
  console.log(line('bare scan (a sum a column)', scan));
  console.log(line('one pass', onePass));
  console.log(line('exact', exact));
  console.log(line('pandas + SciPy', scipy));
  console.log(
    `  largest difference from SciPy: one pass ${difference(onePass, scipy)}, exact ${difference(exact, scipy)} (normalized Wasserstein)`,
  );
}

function difference(a: Outcome, b: Outcome): string {
  const metric = 'NormalizedWassersteinDistance';
  const off = Object.entries(a.found).map(([name, found]) =>
    Math.abs((found[metric] ?? NaN) - (b.found[name]?.[metric] ?? NaN)),
  );
  return Math.max(...off).toExponential(1);
}
