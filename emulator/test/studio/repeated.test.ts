import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openPage, withoutBrowser } from '../../../test/support/browser.js';
import { buildBin } from '../support/bin.js';
import { W } from '../support/emulator.js';
import { putCluster, startStudioLab } from './lab.js';
import type { StudioLab } from './lab.js';
import { lookAt } from './look.js';

const SCRIPT = `import os
def init(): pass
def run(files): return [os.path.basename(f) for f in files]
`;

/** The pages of what runs again and again: schedules, batch endpoints, loops. Pictures lie in test-artifacts/studio. */
describe.skipIf(withoutBrowser)('the web page of what repeats', () => {
  let lab: StudioLab;
  let browser: Browser;
  beforeAll(async () => {
    await buildBin();
    browser = await launchBrowser();
    lab = await startStudioLab();
  });
  afterAll(async () => {
    await browser.close();
    await lab.test.stop();
  });

  const jobsOf = async (prefix: string) => {
    const { body } = await lab.test.arm('GET', `${W}/jobs`);
    return body.value.map(({ name }) => String(name)).filter((name) => name.startsWith(prefix));
  };
  const schedule = (name: string, trigger: object, action: object = {}, more: object = {}) =>
    lab.put(`/schedules/${name}`, {
      trigger: { timeZone: 'UTC', ...trigger },
      action: {
        actionType: 'CreateJob',
        jobDefinition: {
          ...{ jobType: 'Command', command: 'echo scored', experimentName: 'nightly' },
          environmentId: `${W}/environments/plain/versions/1`,
        },
        ...action,
      },
      ...more,
    });

  it('shows schedules, when they fire next, and the jobs that they submitted', async () => {
    await schedule('retrain-weekly', {
      ...{ triggerType: 'Recurrence', frequency: 'Week', interval: 2, startTime: '2026-01-05T06:00:00' },
      schedule: { hours: [6], minutes: [0], weekDays: ['Monday'] },
    });
    await schedule('off', { triggerType: 'Cron', expression: '0 4 * * *' }, {}, { isEnabled: false });
    await schedule(
      'drift-monitor',
      { triggerType: 'Recurrence', frequency: 'Day', interval: 1 },
      { actionType: 'CreateMonitor', monitorDefinition: {} },
    );
    await schedule(
      'score-hourly',
      { triggerType: 'Cron', expression: '0 * * * *', timeZone: 'Pacific Standard Time' },
      {},
      { description: 'Scores what came in during the last hour.' },
    );
    await lab.test.control('PUT', '/conditions', { clock: 7200 });
    while ((await jobsOf('score-hourly-')).length < 3) await new Promise((next) => setTimeout(next, 100));
    await lab.test.control('PUT', '/conditions', {});
    await lookAt(browser, lab.page('schedules'), 'schedules', 'retrain-weekly', 'dark');
    await lookAt(browser, lab.page('schedules', 'score-hourly'), 'schedule', 'Jobs');

    const { page } = await openPage(browser, lab.page('schedules', 'retrain-weekly'));
    await page.getByText('It has submitted no job yet.').waitFor();
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.locator('td .status.good').first().waitFor();
    expect(await jobsOf('retrain-weekly-')).toHaveLength(1);
    await page.context().close();
  });

  it('shows batch endpoints with the jobs of their invocations', async () => {
    const cluster = await putCluster(lab, 'batch', 2);
    await lab.put('/models/forecast/versions/3', {
      ...{ modelType: 'custom_model', modelUri: await lab.upload('models/forecast', 'm.txt', '1') },
    });
    await lab.put('/codes/batch/versions/1', { codeUri: await lab.upload('code/batch', 'score.py', SCRIPT) });
    await lab.put('/batchEndpoints/forecast-nightly', { authMode: 'AADToken' });
    await lab.put('/batchEndpoints/forecast-nightly/deployments/version-3', {
      ...{ model: { referenceType: 'Id', assetId: `${W}/models/forecast/versions/3` }, compute: cluster },
      environmentId: `${W}/environments/plain/versions/1`,
      codeConfiguration: { codeId: `${W}/codes/batch/versions/1`, scoringScript: 'score.py' },
      miniBatchSize: 1,
    });
    await lab.put('/batchEndpoints/forecast-nightly', {
      authMode: 'AADToken',
      defaults: { deploymentName: 'version-3' },
    });
    const { body } = await lab.test.arm('GET', `${W}/batchEndpoints/forecast-nightly`);
    const invoked = await fetch(String(body.properties['scoringUri']), {
      method: 'POST',
      headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
      body: JSON.stringify({
        properties: {
          InputData: { data: { jobInputType: 'uri_folder', uri: await lab.upload('rows', 'a', '1') } },
        },
      }),
    });
    expect(invoked.status).toBe(201);
    await lab.until(((await invoked.json()) as { name: string }).name);
    await lookAt(browser, lab.page('batch'), 'batch-endpoints', 'forecast-nightly');
    await lookAt(browser, lab.page('batch', 'forecast-nightly'), 'batch-endpoint', 'version-3', 'dark');
  });

  it('shows each time that a loop ran its step', async () => {
    const spec = (command: string, inputs: object, outputs: object) => ({
      componentSpec: {
        ...{ type: 'command', command, inputs, outputs },
        environment: `azureml:${W}/environments/plain/versions/1`,
      },
    });
    await lab.put(
      '/components/count/versions/1',
      spec(
        'echo $((${{inputs.from}} + 1)) > ${{outputs.to}}; echo $((${{inputs.from}} + 1 < 3)) > ${{outputs.more}}',
        { from: { type: 'integer', default: '0' } },
        { to: { type: 'integer' }, more: { type: 'boolean' } },
      ),
    );
    await lab.put(
      '/components/show/versions/1',
      spec('echo ${{inputs.of}}', { of: { type: 'integer' } }, {}),
    );
    const step = (name: string) => ({ type: 'command', componentId: `${W}/components/${name}/versions/1` });
    await lab.put('/jobs/rounds', {
      ...{ jobType: 'Pipeline', displayName: 'rounds until it converges' },
      jobs: {
        round: step('count'),
        until_converged: {
          ...{ type: 'do_while', body: '${{parent.jobs.round}}', mapping: { to: 'from' } },
          condition: '${{parent.jobs.round.outputs.more}}',
          limits: { max_iteration_count: 10 },
        },
        report: {
          ...step('show'),
          inputs: { of: { job_input_type: 'literal', value: '${{parent.jobs.round.outputs.to}}' } },
        },
      },
    });
    await lab.until('rounds');
    await lookAt(browser, lab.page('jobs', 'rounds'), 'loop', 'round [2]');
  });
});
