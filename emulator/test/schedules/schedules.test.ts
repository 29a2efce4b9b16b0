import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { W, makeWorkspace, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

const COMMAND = { jobType: 'Command', command: 'true', environmentId: `${W}/environments/plain/versions/1` };

describe('schedules', () => {
  let test: TestEmulator;
  beforeAll(async () => {
    test = await startTestEmulator();
    await makeWorkspace(test);
    const condaFile = 'dependencies: [python, pip]';
    const made = await test.arm('PUT', `${W}/environments/plain/versions/1`, {
      properties: { image: 'python:3', condaFile },
    });
    expect(made.status).toBeLessThan(300);
  });
  afterAll(() => test.stop());

  const put = async (name: string, trigger: object, jobDefinition: object = COMMAND, more: object = {}) => {
    const properties = { trigger, action: { actionType: 'CreateJob', jobDefinition }, ...more };
    const answer = await test.arm('PUT', `${W}/schedules/${name}`, { properties });
    if (answer.status < 300) await test.settle(answer);
    return answer;
  };
  const jobsOf = async (name: string) => {
    const { body } = await test.arm('GET', `${W}/jobs`);
    return body.value.filter((job) => String(job['name']).startsWith(`${name}-`));
  };
  const until = async (check: () => Promise<boolean>) => {
    while (!(await check())) await new Promise((next) => setTimeout(next, 50));
  };
  const hourly = { triggerType: 'Recurrence', frequency: 'Hour', interval: 1 };

  it('submit a job at once where no start is given, in the name of its time', async () => {
    await put('instant', hourly);
    await until(async () => (await jobsOf('instant')).length > 0);
    const [job] = await jobsOf('instant');
    expect(job?.['name']).toMatch(/^instant-\d{8}T\d{6}Z$/);
    expect(job?.['properties']).toMatchObject({ displayName: job?.['name'], jobType: 'Command' });
    await until(async () => {
      const { body } = await test.arm('GET', `${W}/jobs/${String(job?.['name'])}`);
      return body.properties['status'] === 'Completed';
    });
  });

  it('fire by a clock that is sped up, while they are enabled', async () => {
    await put('cronned', { triggerType: 'Cron', expression: '0 * * * *', timeZone: 'UTC' });
    expect(await jobsOf('cronned')).toEqual([]);
    await test.control('PUT', '/conditions', { clock: 7200 });
    await until(async () => (await jobsOf('cronned')).length >= 3);
    await test.control('PUT', '/conditions', {});
    const hours = (await jobsOf('cronned')).map((job) => String(job['name']).slice(-7)).sort();
    expect(new Set(hours).size).toBe(hours.length);
    for (const time of hours) expect(time).toMatch(/^\d\d0000Z$/);
  });

  it('submit nothing while they are disabled, and nothing twice after a restart', async () => {
    await put('off', hourly, COMMAND, { isEnabled: false });
    await put('once', hourly);
    await until(async () => (await jobsOf('once')).length > 0);
    await test.restart();
    await new Promise((next) => setTimeout(next, 600));
    expect(await jobsOf('off')).toEqual([]);
    expect(await jobsOf('once')).toHaveLength(1);
  });

  it('run now when they are triggered', async () => {
    const later = { ...hourly, startTime: '2099-01-01T00:00:00Z' };
    await put('by-hand', later);
    const { status, body } = await test.arm('POST', `${W}/schedules/by-hand/trigger`);
    expect(status).toBe(200);
    const job = await test.arm('GET', `${W}/jobs/${String(body['submissionId'])}`);
    expect(job.body.properties['displayName']).toMatch(/^by-hand-\d{8}T\d{6}Z$/);
  });

  it('go on where the job of one cannot be submitted', async () => {
    await put('lost', hourly, { ...COMMAND, sourceJobId: `${W}/jobs/none` });
    await put('found', hourly);
    await until(async () => (await jobsOf('found')).length > 0);
    expect(await jobsOf('lost')).toEqual([]);
  });

  it('are refused with what is wrong with them', async () => {
    const answer = await put('bad', { triggerType: 'Cron', expression: 'at noon', timeZone: 'Mars' });
    expect(answer.status).toBe(400);
    expect(answer.body['error']).toMatchObject({ code: 'UserError' });
    expect(JSON.stringify(answer.body)).toMatch(/Mars.*at noon/);
    expect((await test.arm('GET', `${W}/schedules/bad`)).status).toBe(404);
  });
});
