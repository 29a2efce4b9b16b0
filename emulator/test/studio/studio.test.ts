import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openPage, screenshot, withoutBrowser } from '../../../test/support/browser.js';
import { W } from '../support/emulator.js';
import { buildBin } from '../support/bin.js';
import {
  PIXEL,
  SWEEP,
  TRACK,
  deploy,
  putCluster,
  putRegistry,
  python,
  startStudioLab,
  submitPipeline,
} from './lab.js';
import type { StudioLab } from './lab.js';
import { lookAt } from './look.js';
import type { Looked } from './look.js';

/** The page as people use it, of jobs and endpoints that really run. Pictures lie in test-artifacts/studio. */
describe.skipIf(withoutBrowser)('the web page', () => {
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

  const look = (...args: Looked) => lookAt(browser, ...args);

  it('says what to do where nothing is', async () => {
    await look(lab.page(), 'empty', 'Nothing runs');
    await look(lab.page('models'), 'no-models', 'No model is registered yet');
    await look(lab.page('jobs'), 'no-jobs', 'No job has been submitted yet');
  });

  it('follows a job as it runs: status, log, metrics, artifacts', async () => {
    const { page } = await openPage(browser, lab.page('jobs'));
    const cpu = await putCluster(lab, 'cpu', 2);
    await lab.submit(
      'train-1',
      python(`${TRACK}
import base64, pathlib
param("depth", 4)
pathlib.Path("outputs").mkdir(exist_ok=True)
pathlib.Path("outputs/roc.png").write_bytes(base64.b64decode("${PIXEL}"))
pathlib.Path("outputs/model.bin").write_bytes(b"0" * 2000)
metric("accuracy", 0.83)
for step in range(30):
    metric("loss", 1 / (step + 1), step)
    metric("learning rate", 0.1 * 0.9 ** step, step)
    print("step", step, flush=True)
    time.sleep(0.15)
print("all rounds done", flush=True)`),
      {
        displayName: 'gradient boosting',
        experimentName: 'diabetes',
        computeId: cpu,
        tags: { team: 'risk', commit: 'fef5e08' },
        inputs: { rounds: { jobInputType: 'literal', value: '30' } },
        outputs: { model: { jobOutputType: 'uri_folder' } },
      },
    );
    // It comes without a reload, and its link leads to it.
    await page.getByRole('link', { name: 'gradient boosting' }).click();
    await page.getByText('step 3', { exact: false }).waitFor();
    await page.locator('metric-chart canvas').first().waitFor();
    expect(await lab.statusOf('train-1')).toBe('Running');
    await screenshot(page, 'studio/job-running-desktop');
    await page.locator('live-log', { hasText: 'all rounds done' }).waitFor();
    await page.locator('.sub .status.good').waitFor();
    await page.getByRole('link', { name: 'outputs/model.bin' }).waitFor();
    expect(await page.locator('.timeline .status').allInnerTexts()).toEqual(
      ['Submitted', 'Queued', 'Preparing', 'Running', 'Finalizing', 'Completed'].map(
        (text) => expect.stringContaining(text) as string,
      ),
    );
    expect(await page.locator('.figures').innerText()).toContain('0.83');
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'outputs/model.bin' }).click();
    expect((await download).suggestedFilename()).toBe('model.bin');
    await page.context().close();
    await look(lab.page('jobs', 'train-1'), 'job', 'all rounds done', 'dark');
  });

  it('shows why a job failed, and cancels one', async () => {
    await lab.submit('broken', 'echo reading && echo "no such column: BMI" >&2 && exit 3', {
      displayName: 'broken',
    });
    await lab.until('broken');
    await look(lab.page('jobs', 'broken'), 'failed', 'no such column');
    await lab.submit('endless', 'echo begun && sleep 300');
    await lab.until('endless', 'Running');
    const { page } = await openPage(browser, lab.page('jobs', 'endless'));
    page.on('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Cancel job' }).click();
    await page.locator('.sub .status.off').waitFor();
    expect(await lab.statusOf('endless')).toBe('Canceled');
    expect(await page.getByRole('button', { name: 'Cancel job' }).count()).toBe(0);
    await page.context().close();
  });

  it('shows the trials of a sweep with the best one, and the steps of a pipeline', async () => {
    await lab.put('/jobs/sweep-1', SWEEP);
    await submitPipeline(lab, 'pipe-1');
    await lab.until('sweep-1');
    await lab.until('pipe-1');
    const sweep = await openPage(browser, lab.page('jobs', 'sweep-1'));
    expect(await sweep.page.locator('tr.best').innerText()).toContain('0.3');
    await sweep.page.context().close();
    await look(lab.page('jobs', 'sweep-1'), 'sweep', 'best: trial', 'dark');
    const pipe = await openPage(browser, lab.page('jobs', 'pipe-1'));
    await pipe.page.locator('.graph a', { hasText: 'train' }).click();
    await pipe.page.getByRole('heading', { name: 'train', level: 1 }).waitFor();
    await pipe.page.getByRole('link', { name: 'pipe-1' }).click();
    await pipe.page.getByRole('heading', { name: 'prepare, train, judge' }).waitFor();
    await pipe.page.context().close();
    await look(lab.page('jobs', 'pipe-1'), 'pipeline', 'judge', 'dark');
  });

  it('shows models with the job that they come from', async () => {
    await lab.put('/models/diabetes/versions/1', {
      modelType: 'custom_model',
      modelUri: 'azureml://jobs/train-1/outputs/artifacts/paths/outputs/',
      tags: { accuracy: '0.83' },
    });
    await lab.put('/data/table/versions/1', {
      dataType: 'uri_file',
      dataUri: 'azureml://datastores/workspaceblobstore/paths/table.csv',
    });
    await look(lab.page('models'), 'models', 'diabetes');
    await look(lab.page('models', 'diabetes', '1'), 'model', 'Made by job');
    const { page } = await openPage(browser, lab.page('models', 'diabetes'));
    await page.getByRole('link', { name: 'train-1' }).click();
    await page.getByRole('link', { name: 'diabetes:1' }).waitFor();
    await page.context().close();
    for (const section of ['data', 'environments', 'components', 'schedules', 'compute', 'batch'])
      await look(lab.page(section), section, 'live');
  });

  it('shows endpoints: traffic, instances, requests and log as they come', async () => {
    const { score } = await deploy(lab, 'house');
    const { page } = await openPage(browser, lab.page('endpoints', 'house'));
    await page.getByText('the model is loaded').waitFor();
    for (let at = 0; at < 20; at += 1) expect(await score({ at })).toBe(200);
    await score({ fail: 503 });
    await page.locator('.code.bad, .code.warn').first().waitFor();
    await page.getByText("asked for {'at': ").first().waitFor();
    expect(await page.locator('.shares').first().innerText()).toContain('blue 70 %');
    expect(await page.locator('.status', { hasText: 'Ready' }).count()).toBe(2);
    await page.context().close();
    await look(lab.page('endpoints', 'house'), 'endpoint', 'green', 'dark');
    await look(lab.page('endpoints'), 'endpoints', 'house');
  }, 240_000);

  it('shows what clients asked for, with the faults that struck', async () => {
    await lab.test.control('POST', '/faults', {
      match: { method: 'GET', path: '/jobs/struck' },
      answer: { status: 503, code: 'ServerBusy', message: 'Try again' },
    });
    const { page } = await openPage(browser, `${lab.test.url}/studio/requests`);
    await page.getByText('/jobs/struck').first().waitFor();
    await lab.test.arm('GET', `${W}/jobs/struck`);
    await page.getByText('fault: ServerBusy').waitFor();
    await page.getByLabel('Method').selectOption('PUT');
    await page.waitForURL(/method=PUT/);
    await expect.poll(() => page.locator('.method').allInnerTexts()).not.toContain('GET');
    await page.context().close();
    await look(`${lab.test.url}/studio/requests?status=faults`, 'requests', 'ServerBusy', 'dark');
    await putRegistry(lab, 'shared');
    await look(`${lab.test.url}/studio`, 'home', 'Last API calls');
    const home = await openPage(browser, `${lab.test.url}/studio`);
    await expect
      .poll(() => home.page.getByRole('table', { name: 'Registries' }).locator('tbody tr').allInnerTexts())
      .toEqual([expect.stringMatching(/^shared\s+westeurope\s+1\s+0\s+0\s+0$/)]);
    await home.page.context().close();
    await look(lab.page(), 'workspace', 'Nodes busy', 'dark');
    await look(lab.page('jobs'), 'jobs', 'Experiment', 'dark');
  });

  it('runs no script of a name, a tag or a log', async () => {
    const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
    await lab.submit('evil', `echo '${evil}'`, {
      displayName: evil,
      experimentName: `${evil}"'`,
      tags: { [evil]: evil },
    });
    await lab.until('evil');
    for (const url of [
      lab.page('jobs'),
      lab.page('jobs', 'evil'),
      `${lab.test.url}/studio/requests?q=${encodeURIComponent(evil)}`,
    ]) {
      const { page, errors } = await openPage(browser, url);
      await page.getByText('live', { exact: true }).waitFor();
      expect(await page.title()).not.toBe('1');
      expect(await page.locator('img[src=x]').count()).toBe(0);
      expect(errors).toEqual([]);
      await page.context().close();
    }
    const { page } = await openPage(browser, lab.page('jobs', 'evil'));
    await page.locator('live-log', { hasText: 'onerror' }).waitFor();
    await screenshot(page, 'studio/evil-desktop');
    await page.context().close();
  });

  it('cuts a huge log and links to all of it', async () => {
    await lab.submit('chatty', python('for n in range(120000):\n    print("line", n)'));
    await lab.until('chatty');
    const { page } = await openPage(browser, lab.page('jobs', 'chatty'));
    await page.getByText('line 119999').waitFor();
    await page.getByText('is left out here').waitFor();
    expect((await page.locator('live-log pre').innerText()).length).toBeLessThan(700_000);
    const href = await page.getByRole('link', { name: 'Full log' }).getAttribute('href');
    const full = await (await fetch(`${lab.test.url}${href ?? ''}`)).text();
    expect(full.split('\n').filter((line) => line !== '').length).toBe(120_000);
    await page.context().close();
  });

  it('can be used by the keyboard alone', async () => {
    await lab.submit('horse', 'true');
    await lab.submit('zebra', 'true');
    const { page } = await openPage(browser, lab.page('jobs'));
    await page.getByText('live', { exact: true }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await page.keyboard.press('/');
    await page.locator('input[type=search]:focus').waitFor();
    await page.keyboard.type('zebra');
    await page.waitForURL(/q=zebra/);
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
    expect(await page.locator('input[type=search]').inputValue()).toBe('zebra');
    await page.context().close();
  });
});
