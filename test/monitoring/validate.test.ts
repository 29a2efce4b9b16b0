import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { withDatabase } from '../../src/monitoring/database.js';
import { validateData } from '../../src/monitoring/index.js';
import { folder, write } from './support.js';

let dir: string;
beforeAll(async () => {
  dir = await folder();
});

describe('validateData', () => {
  it('counts empty fields and the spellings of pandas as missing, and says so with numbers', async () => {
    const file = await write(dir, 'bmi.csv', 'BMI,Age\n22.5,40\n,41\nNA,42\n"",43\n31,44\n');
    const result = await validateData([file], {
      rows: { op: '>=', value: 5 },
      nulls: { BMI: { op: '<', value: 0.5 }, Age: { op: '<=', value: 0 } },
    });
    expect(result).toEqual({
      ok: false,
      findings: [
        '5 rows ≥ 5 ✓ (2 columns in 1 file)',
        'BMI: 60 % missing (3 of 5 rows) is not < 50 % ✗',
        'Age: 0 % missing (0 of 5 rows) ≤ 0 % ✓',
      ],
    });
  });

  it('tells what passed, too few rows, and missing values that no rule asks about', async () => {
    const file = await write(dir, 'few.csv', 'a,b\n1,\n2,x\n');
    expect(await validateData([file], { rows: { op: '>=', value: 1000 }, nulls: {} })).toEqual({
      ok: false,
      findings: [
        '2 rows is not ≥ 1,000 ✗ (2 columns in 1 file)',
        'missing values in columns without a rule: b 50 %',
      ],
    });
    expect(await validateData([file], { nulls: {} })).toMatchObject({ ok: true });
  });

  it('names the column that was probably meant', async () => {
    const file = await write(dir, 'meant.csv', 'BMI,Age\n1,2\n');
    const result = await validateData([file], { nulls: { BMl: { op: '<', value: 1 } } });
    expect(result.ok).toBe(false);
    expect(result.findings[1]).toBe(
      'BMl: there is no such column, did you mean BMI? (the data has Age, BMI) ✗',
    );
  });

  it('reads folders of several formats, partitions among them, as one table, by column name', async () => {
    const mixed = join(dir, 'mixed', 'part=1');
    await mkdir(mixed, { recursive: true });
    await write(mixed, 'a.csv', 'x,y\n1,one\n2,\n');
    await write(mixed, 'b.jsonl', '{"y":"three","x":3}\n{"x":null,"y":"four"}\n');
    await write(mixed, '_SUCCESS', '');
    const parquet = join(mixed, 'c.parquet').replaceAll("'", "''");
    await withDatabase((db) =>
      db.run(`COPY (SELECT 'nan'::DOUBLE AS x, 'five' AS y) TO '${parquet}' (FORMAT parquet)`),
    );
    const result = await validateData([join(dir, 'mixed')], {
      rows: { op: '>=', value: 5 },
      nulls: { x: { op: '<=', value: 0.4 }, y: { op: '<=', value: 0.2 } },
    });
    expect(result).toEqual({
      ok: true,
      findings: [
        '5 rows ≥ 5 ✓ (3 columns in 3 files)',
        'x: 40 % missing (2 of 5 rows) ≤ 40 % ✓',
        'y: 20 % missing (1 of 5 rows) ≤ 20 % ✓',
      ],
    });
  });

  it('takes names of any characters', async () => {
    const file = await write(dir, `it's "odd".csv`, `"a ""b"" 'c'","x;y"\n1,\n`);
    const result = await validateData([file], { nulls: { [`a "b" 'c'`]: { op: '<', value: 1 } } });
    expect(result.ok).toBe(true);
  });

  it('tells data that is not there or cannot be read as a finding', async () => {
    const nothing = await validateData([join(dir, 'nowhere')], { nulls: {} });
    expect(nothing.ok).toBe(false);
    expect(nothing.findings[0]).toContain('nothing readable lies at');
    const broken = await write(dir, 'broken.parquet', 'this is no parquet');
    const result = await validateData([broken], { nulls: {} });
    expect(result.ok).toBe(false);
    expect(result.findings[0]).toMatch(/cannot be read: .*broken\.parquet/);
  });

  it('fails an empty table even without a rule', async () => {
    const file = await write(dir, 'empty.csv', 'a,b\n');
    expect(await validateData([file], { nulls: { a: { op: '<', value: 0.1 } } })).toEqual({
      ok: false,
      findings: ['0 rows, 2 columns in 1 file: there is no data ✗', 'a: 0 % missing (0 of 0 rows) < 10 % ✓'],
    });
  });

  it('holds columns, ranges and categories, telling how many values break them and one of those', async () => {
    const file = await write(dir, 'people.csv', 'Age,Sex\n41,f\n150,m\n-3,x\n,f\n');
    const result = await validateData([file], {
      nulls: {},
      columns: ['Age', 'sex'],
      ranges: { Age: [0, 120], Ages: [0, 1] },
      categories: { Sex: ['m', 'f'] },
    });
    expect(result.ok).toBe(false);
    expect(result.findings).toEqual([
      '4 rows, 2 columns in 1 file',
      'sex: there is no such column, did you mean Sex? (the data has Age, Sex) ✗',
      expect.stringMatching(/^Age: 2 values are not 0 to 120, such as (150|-3) ✗$/),
      'Ages: there is no such column, did you mean Age? (the data has Age, Sex) ✗',
      'Sex: 1 value is not m, f, such as x ✗',
      'missing values in columns without a rule: Age 25 %',
    ]);
    const fine = await validateData([file], {
      nulls: {},
      columns: ['Age'],
      ranges: { Age: [-3, 150] },
      categories: { Sex: ['m', 'f', 'x'] },
    });
    expect(fine.ok).toBe(true);
    expect(fine.findings).toContain('Age: all values are -3 to 150 ✓');
  });

  it('takes text in a column of numbers as outside its range', async () => {
    const file = await write(dir, 'odd.csv', 'Age\n41\nold\n');
    const { ok, findings } = await validateData([file], { nulls: {}, ranges: { Age: [0, 120] } });
    expect(ok).toBe(false);
    expect(findings).toContain('Age: 1 value is not 0 to 120, such as old ✗');
  });
});
