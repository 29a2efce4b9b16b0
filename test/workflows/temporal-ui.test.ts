import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, openPage, screenshot, withoutBrowser } from '../support/browser.js';
import { chooseSignal, openWorkflow, submitSignal, typePayload } from '../support/temporal-ui.js';
import { startTemporalServer, type TemporalServer } from '../support/temporal-server.js';
import { push, questionOf, resultOf } from '../support/workflow-driving.js';
import { type Lab, startLab } from '../support/workflow-lab.js';
import { environment, onePerson, straightTo } from '../support/workflow-projects.js';

/** What an approver does in the real Temporal UI. Pictures lie in test-artifacts/temporal-ui. */
describe.skipIf(withoutBrowser)('the Temporal UI', () => {
  let server: TemporalServer;
  let lab: Lab;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTemporalServer({ ui: true }), launchBrowser()]);
    lab = await startLab({ at: { server, metadata: {} } });
    ({ page } = await openPage(browser, ui()));
  });
  afterAll(async () => {
    await browser.close();
    await lab.stop();
  });

  const ui = (): string => server.uiUrl ?? '';

  test('rejects with a reason', async () => {
    const handle = await push(
      lab.stage({ project: straightTo(environment('production', { approval: onePerson })) }),
    );
    const { reject } = await questionOf(handle);
    await openWorkflow(page, ui(), handle);
    await chooseSignal(page, reject);
    await typePayload(page, '{"reason": "biased against night shifts"}');
    await screenshot(page, 'temporal-ui/reject-with-a-reason');
    await submitSignal(page);
    const { verdict, why } = await resultOf(handle);
    expect(verdict).toBe('rejected');
    expect(why).toContain('biased against night shifts');
  });
});
