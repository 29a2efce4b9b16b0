import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectJsonSchema } from '../../src/spec/index.js';
import { everyKey } from './fixtures.js';

test('the committed schema is the one that the zod schema gives', async () => {
  expect(await readFile('mlops.schema.json', 'utf8')).toBe(projectJsonSchema());
});

test('the JSON schema accepts the file with every key and points at a wrong one', () => {
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(projectJsonSchema()) as object);
  expect(validate(parse(everyKey))).toBe(true);
  expect(validate({ train: 'train.yml', gates: 'AUC >= 0.75' })).toBe(false);
  expect(validate.errors?.[0]).toMatchObject({ params: { additionalProperty: 'gates' } });
});
