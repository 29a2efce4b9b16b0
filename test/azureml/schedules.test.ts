import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { translateFile } from '../../src/azureml/index.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'schedules-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** When a job's schedule runs, as it is sent; the file is JSON, which is YAML too. */
async function sent(trigger: object): Promise<unknown> {
  await writeFile(
    join(dir, 'nightly.yml'),
    JSON.stringify({ name: 'nightly', trigger, create_job: 'azureml:train' }),
  );
  const { steps } = await translateFile({ root: dir, dir }, { file: 'nightly.yml', set: {} });
  const last = steps.at(-1);
  const body = last?.kind === 'request' ? last.request.body : undefined;
  return (body as { properties: { trigger: unknown } }).properties.trigger;
}

const cron = { type: 'cron', expression: '0 3 * * *' };

// What azure-ai-ml 1.35.2 sent for the same files.
it.each([
  ['2024-07-10T10:00:00Z', '2024-07-10 10:00:00'],
  ['2024-07-10T10:00:00.123+02:00', '2024-07-10 10:00:00'],
  ['2024-7-1 9:5', '2024-07-01 09:05:00'],
])('sends the time %s as the official client does, without fraction and zone', async (written, time) => {
  expect(await sent({ ...cron, start_time: written })).toEqual({
    triggerType: 'Cron',
    expression: '0 3 * * *',
    startTime: time,
    timeZone: 'UTC',
  });
});

it('takes one hour, minute or day as well as a list of them', async () => {
  const pattern = { hours: 4, minutes: [5], week_days: 'Monday', month_days: 3 };
  expect(await sent({ type: 'recurrence', frequency: 'Day', interval: 1, schedule: pattern })).toMatchObject({
    frequency: 'day',
    schedule: { hours: [4], minutes: [5], weekDays: ['monday'], monthDays: [3] },
  });
});

it('refuses a date without a time', async () => {
  await expect(sent({ ...cron, start_time: '2024-07-10' })).rejects.toThrow(/start_time: expected a time/);
});
