import { beforeAll, describe, expect, it } from 'vitest';
import { withDatabase } from '../../src/monitoring/database.js';
import { analyse } from '../../src/monitoring/index.js';
import type { DriftAnalysis } from '../../src/monitoring/index.js';
import { baseline, collect, collectedLine, folder, hour, input, noon, write } from './support.js';
import type { Row } from './support.js';

let dir: string;
beforeAll(async () => {
  dir = await folder();
});

/** 400 patients: age 20 to 59 evenly, a third of them smokers, two clinics. */
function patients(ageShift = 0, clinic = (i: number): string => (i % 2 === 0 ? 'north' : 'south')): Row[] {
  return Array.from({ length: 400 }, (_, i) => ({
    Age: 20 + (i % 40) + ageShift,
    Smoker: i % 3 === 0,
    Clinic: clinic(i),
  }));
}

const labelled = (rows: readonly Row[]): Row[] =>
  rows.map((row, i) => ({ PatientID: 1000 + i, ...row, Diabetic: i % 2 }));

const kinds = ({ dataQuality }: DriftAnalysis): string[] =>
  dataQuality.map(({ kind, feature }) => (feature === undefined ? kind : `${kind} ${feature}`)).sort();

describe('analyse', () => {
  it('finds no drift in the same population, and takes what no request carries for labels and ids', async () => {
    const base = await baseline(dir, labelled(patients()));
    const result = await analyse(input(base, await collect(dir, patients())));
    expect(result.verdict).toBe('ok');
    expect(result).toMatchObject({ rows: 400, baselineRows: 400 });
    expect(result.features.map(({ feature, type, value }) => [feature, type, value])).toEqual(
      expect.arrayContaining([
        ['Age', 'numerical', 0],
        ['Smoker', 'categorical', 0],
        ['Clinic', 'categorical', 0],
      ]),
    );
    expect(kinds(result)).toEqual(['not_in_requests Diabetic', 'not_in_requests PatientID']);
    expect(result.summary).toMatch(
      /no drift in 3 features.*400 rows of requests against 400 of the baseline/,
    );
  });

  it('finds a shift by one standard deviation, names it first and draws both sides in the same bins', async () => {
    const base = await baseline(dir, patients());
    const sd = Math.sqrt(((40 * 40 - 1) / 12) * (400 / 399));
    const result = await analyse(input(base, await collect(dir, patients(sd))));
    const [age] = result.features;
    expect(result.verdict).toBe('breach');
    expect(result.summary).toMatch(/^drift in 1 of 3 features: Age 1 > 0\.1/);
    expect(age).toMatchObject({ feature: 'Age', breached: true, threshold: 0.1 });
    expect(age?.value).toBeCloseTo(1, 9);
    expect(age?.baseline).toMatchObject({ count: 400, nulls: 0, mean: 39.5, min: 20, max: 59 });
    expect(age?.baseline.sd).toBeCloseTo(sd, 9);
    const [then, now] = [age?.baseline.histogram, age?.current.histogram];
    if (then?.kind !== 'bins' || now?.kind !== 'bins') throw new Error('numbers are drawn in bins');
    expect(now.edges).toEqual(then.edges);
    expect(then.shares.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    expect(now.shares.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    expect(result.dataQuality.find(({ kind }) => kind === 'range')?.message).toMatch(/Age: .* 20 to 59/);
  });

  it('finds drifted categories, and names those that the baseline does not have', async () => {
    const base = await baseline(dir, patients());
    const result = await analyse(
      input(
        base,
        await collect(
          dir,
          patients(0, () => 'east'),
        ),
      ),
    );
    expect(result.features[0]).toMatchObject({
      feature: 'Clinic',
      metric: 'JensenShannonDistance',
      value: 1,
    });
    expect(result.features[0]?.current.histogram).toEqual({
      kind: 'categories',
      labels: ['east', 'north', 'south'],
      shares: [1, 0, 0],
    });
    expect(result.dataQuality.find(({ kind }) => kind === 'category')?.message).toContain('(east)');
  });

  it('counts only rows of the window: from inclusive, to exclusive', async () => {
    const base = await baseline(dir, patients());
    const at = (ms: number, rows: number) => collectedLine(patients().slice(0, rows), ms);
    const text = [at(noon - 24 * hour, 3), at(noon - 24 * hour - 1, 50), at(noon, 50), at(noon - 1, 4)];
    const result = await analyse(input(base, await write(dir, '*.jsonl', text.join('\n'))));
    expect(result.rows).toBe(7);
  });

  it('never passes too few rows, none, or no files at all', async () => {
    const base = await baseline(dir, patients());
    const few = input(base, await collect(dir, patients(30).slice(0, 20)), {
      plan: { numericalThreshold: 0.1, categoricalThreshold: 0.1, minRows: 500 },
    });
    const result = await analyse(few);
    expect(result.verdict).toBe('missing_data');
    expect(result.summary).toBe('too few requests to judge by: 20 rows in the window, 500 are needed');
    for (const collectedInputs of [[], [`${dir}/nowhere`], [await collect(dir, patients(), noon + hour)]]) {
      const none = await analyse({ ...few, collectedInputs });
      expect(none).toMatchObject({ verdict: 'missing_data', rows: 0, baselineRows: 400 });
      expect(none.summary).toContain('no request was collected');
    }
  });

  it('takes a feature that callers no longer send as missing data once it is told what the features are', async () => {
    const base = await baseline(dir, labelled(patients()));
    const requests = await collect(
      dir,
      patients().map(({ Age, Smoker }) => ({ Age, Smoker })),
    );
    for (const told of [{ features: ['Age', 'Smoker', 'Clinic'] }, { ignore: ['PatientID', 'Diabetic'] }]) {
      const result = await analyse(input(base, requests, told));
      expect(result.verdict).toBe('missing_data');
      expect(kinds(result)).toEqual(['missing_data Clinic', 'schema']);
      expect(result.summary).toContain('no data to compare for Clinic');
    }
    const unknown = await analyse(input(base, requests, { features: ['Age', 'smoker'] }));
    expect(unknown.verdict).toBe('missing_data');
    expect(unknown.dataQuality[0]?.message).toBe('smoker: the baseline has no such column; it has Smoker');
  });

  it('counts no request that tested the deployment', async () => {
    const base = await baseline(dir, patients());
    const tests = patients(90).map((row, i) => `${collectedLine([row], noon - hour, `mlops-test-${i}`)}\n`);
    const [asked, tested] = [await collect(dir, patients()), await write(dir, '*.jsonl', tests.join(''))];
    const result = await analyse({ ...input(base, asked), collectedInputs: [asked, tested] });
    expect(result).toMatchObject({ verdict: 'ok', rows: 400 });
  });

  it('shows both schemas where they differ: by name, and by what most values are', async () => {
    const base = await baseline(dir, labelled(patients()));
    const renamed = patients().map(({ Age, Smoker, Clinic }) => ({
      age: Age,
      Smoker: Number(Smoker),
      Clinic,
    }));
    const result = await analyse(input(base, await collect(dir, renamed)));
    const told = result.dataQuality.filter(({ kind }) => kind === 'schema').map(({ message }) => message);
    expect(told).toEqual([
      'the schemas differ in Smoker, age: baseline (Smoker true/false, Age number, Clinic text, Diabetic number, PatientID number); requests (Smoker number, age number, Clinic text)',
    ]);
    const nulls = patients().map((row) => ({ ...row, Age: null }));
    expect(kinds(await analyse(input(base, await collect(dir, nulls))))).not.toContain('schema');
  });

  it('lets drift outweigh a lost feature', async () => {
    const base = await baseline(dir, patients());
    const requests = await collect(
      dir,
      patients(30).map(({ Age }) => ({ Age })),
    );
    const result = await analyse(input(base, requests, { ignore: [] }));
    expect(result.verdict).toBe('breach');
    expect(result.summary).toContain('no data to compare for Smoker, Clinic');
  });

  it('tells missing values and wrong types apart', async () => {
    const base = await baseline(dir, patients());
    const rows = patients().map((row, i) =>
      i < 40
        ? { ...row, Age: null }
        : i < 60
          ? { ...row, Age: 'old', Smoker: 'perhaps' }
          : { ...row, Smoker: 'True' },
    );
    const result = await analyse(input(base, await collect(dir, rows)));
    const age = result.features.find(({ feature }) => feature === 'Age');
    expect(age?.current).toMatchObject({ count: 340, nulls: 0.1 });
    expect(result.dataQuality.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        'Age: 10 % of the rows have no value (baseline: 0 %)',
        'Age: 20 values cannot be read as number',
        'Smoker: 20 values cannot be read as boolean',
      ]),
    );
  });

  it('calls a feature without any value on one side missing data', async () => {
    const base = await baseline(dir, patients());
    const rows = patients().map((row) => ({ ...row, Age: null }));
    const result = await analyse(input(base, await collect(dir, rows)));
    expect(result.verdict).toBe('missing_data');
    expect(kinds(result)).toEqual(['missing_data Age']);
  });

  it('leaves identifiers and dates alone, and says so', async () => {
    const rows = patients().map((row, i) => ({ ...row, Visit: `visit-${i}`, Born: '2001-02-03' }));
    const result = await analyse(input(await baseline(dir, rows), await collect(dir, rows)));
    expect(result.verdict).toBe('ok');
    expect(kinds(result)).toEqual(['not_compared Born', 'not_compared Visit']);
  });

  it('goes on past broken lines and requests without named rows', async () => {
    const base = await baseline(dir, patients());
    const good = patients().map((row) => collectedLine([row]));
    const odd = [
      '{"time": "2026-01-15T10',
      collectedLine([[1, 2]]),
      collectedLine('1;2'),
      collectedLine(undefined),
      JSON.stringify({ data: patients().slice(0, 1) }),
    ];
    const result = await analyse(input(base, await write(dir, '*.jsonl', [...good, ...odd].join('\n'))));
    expect(result).toMatchObject({ verdict: 'ok', rows: 400 });
    expect(result.dataQuality.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^2 lines of the collected data cannot be read: no JSON, or no time, such as “\{"time": "2026-01-15T10”, “\{"data"/,
      ),
      expect.stringMatching(/^3 collected requests without rows by column name/),
    ]);
  });

  it('takes feature names of any characters', async () => {
    const name = `a/b~c "d" 'e' $.f`;
    const rows = patients().map(({ Age }) => ({ [name]: Age }));
    const result = await analyse(input(await baseline(dir, rows), await collect(dir, rows)));
    expect(result).toMatchObject({ verdict: 'ok', features: [{ feature: name, value: 0 }] });
  });

  it('tells a baseline that cannot be read', async () => {
    const requests = await collect(dir, patients());
    const broken = await write(dir, 'broken-*.parquet', 'nothing');
    for (const file of [broken, `${dir}/nowhere`]) {
      const result = await analyse(input(file, requests));
      expect(result.verdict).toBe('missing_data');
      expect(result.summary).toMatch(/^data cannot be read: /);
    }
  });

  it('compares CSV and Parquet baselines alike', async () => {
    const csv = await write(
      dir,
      'patients-*.csv',
      `Age,Smoker,Clinic\n${patients()
        .map((r) => Object.values(r).join(','))
        .join('\n')}\n`,
    );
    const parquet = `${dir}/patients.parquet`;
    await withDatabase((db) => db.run(`COPY (FROM '${csv}') TO '${parquet}' (FORMAT parquet)`));
    const requests = await collect(dir, patients(5));
    const [a, b] = [await analyse(input(csv, requests)), await analyse(input(parquet, requests))];
    expect(a.features).toEqual(b.features);
    expect(a.verdict).toBe('breach');
  });

  it('compares what a model answers with the column that it was trained to answer, under another name', async () => {
    const base = await baseline(dir, labelled(patients()));
    const answers = patients().map((_, i) => ({ output: i % 4 === 0 ? 1 : 0 }));
    const told = { features: ['Diabetic'], carriedAs: { Diabetic: 'output' } };
    const result = await analyse(input(base, await collect(dir, answers), told));
    expect(result.verdict).toBe('breach');
    expect(result.features.map(({ feature, value }) => [feature, Number(value.toFixed(3))])).toEqual([
      ['Diabetic', 0.499],
    ]);
  });
});
