import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { withDatabase } from '../../src/monitoring/database.js';
import { analyse, validateData } from '../../src/monitoring/index.js';
import { openTable } from '../../src/monitoring/tables.js';
import { collect, folder, input } from './support.js';

let root: string;
beforeAll(async () => {
  root = await folder();
});

let made = 0;
/** The folder of an asset with these files. */
async function asset(mltable: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  made += 1;
  const dir = join(root, `asset-${made}`);
  for (const [name, content] of Object.entries({ MLTable: mltable, ...files })) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
  return dir;
}

function read(dir: string): Promise<Record<string, unknown>[]> {
  return withDatabase(async (db) => {
    const { sql } = await openTable(db, [dir]);
    return db.all(z.record(z.string(), z.unknown()), `SELECT * FROM ${sql} ORDER BY ALL`);
  });
}

const delimited = (options: string, rest = ''): string =>
  `type: mltable\npaths:\n  - file: ./a.txt\ntransformations:\n  - read_delimited: ${options}\n${rest}`;

describe('a table that an MLTable describes', () => {
  it('is read by its delimiter, its encoding and its columns, whatever the files are called', async () => {
    const text = delimited(
      "{delimiter: ';', header: all_files_same_headers, encoding: iso88591}",
      '  - drop_columns: [id]\n  - convert_column_types:\n    - {columns: [code], column_type: string}\n',
    );
    const dir = await asset(text, { 'a.txt': Buffer.from('id;name;code\n1;Zoé;7\n2;NA;8\n', 'latin1') });
    expect(await read(dir)).toEqual([
      { name: 'Zoé', code: '7' },
      { name: null, code: '8' },
    ]);
  });

  it('takes of the folder what its paths name', async () => {
    const text = [
      'paths:',
      '  - pattern: ./data/*.jsonl',
      '  - folder: more',
      'transformations:',
      '  - read_json_lines',
      '  - keep_columns: x',
    ].join('\n');
    const dir = await asset(text, {
      'data/a.jsonl': '{"x":1,"y":2}\n',
      'data/notes.txt': 'no data',
      'more/b.jsonl': '{"x":2,"y":3}\n',
      'other.jsonl': '{"x":3,"y":4}\n',
    });
    expect(await read(dir)).toEqual([{ x: 1 }, { x: 2 }]);
  });

  it('serves as the baseline of a monitor and is held against the rules of data', async () => {
    const dir = await asset('paths: [{pattern: ./*.parquet}]\ntransformations: [read_parquet]\n', {});
    await withDatabase((db) =>
      db.run(
        `COPY (SELECT i AS age FROM range(20, 420) t(i)) TO '${join(dir, 'a.parquet')}' (FORMAT parquet)`,
      ),
    );
    const rows = Array.from({ length: 400 }, (_, i) => ({ age: 20 + i }));
    expect(await analyse(input(dir, await collect(root, rows)))).toMatchObject({
      verdict: 'ok',
      baselineRows: 400,
    });
    expect(await validateData([dir], { rows: { op: '>=', value: 400 }, nulls: {} })).toMatchObject({
      ok: true,
    });
  });

  it.each([
    ["{delimiter: ','", 'no YAML'],
    ['paths: []\n', 'MLTable.paths'],
    ['paths: [{file: ./a.txt}]\n', 'no transformation is not read here; first come read_delimited'],
    [delimited('{header: no_header}'), 'read_delimited.header'],
    [delimited('{encoding: windows1252}'), 'read_delimited.encoding'],
    [
      'paths: [{file: ./a.txt}]\ntransformations: [{read_json_lines: {invalid_lines: drop}}]\n',
      'invalid_lines',
    ],
    [delimited('', '  - filter: \'col("x") > 3\'\n'), 'filter is not read here; then come keep_columns'],
    [delimited('', '  - keep_columns: [z]\n'), 'there is no column z; the files have x, y'],
    ['paths: [{file: ../b.csv}]\ntransformations: [read_delimited]\n', '../b.csv lies outside the folder'],
    [
      'paths: [{file: "azureml://datastores/d/paths/a.csv"}]\ntransformations: [read_delimited]\n',
      'azureml://datastores/d/paths/a.csv lies outside the folder',
    ],
    ['paths: [{file: ./none.csv}]\ntransformations: [read_delimited]\n', 'its paths name no file'],
  ])('that cannot be read as it says is a finding: %j', async (text, told) => {
    const dir = await asset(text, { 'a.txt': 'x,y\n1,2\n' });
    const { ok, findings } = await validateData([dir], { nulls: {} });
    expect({ ok, told: findings.join() }).toEqual({
      ok: false,
      told: expect.stringContaining(told) as string,
    });
  });
});
