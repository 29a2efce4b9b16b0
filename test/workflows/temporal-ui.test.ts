import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChampionScore } from '../../src/domain/evaluation.js';
import { launchBrowser, openPage, screenshot, withoutBrowser } from '../support/browser.js';
import { finished } from '../support/fake-activities.js';
import {
  chooseSignal,
  detailsOf,
  openSignals,
  openWorkflow,
  submitSignal,
  submitTwice,
  typePayload,
} from '../support/temporal-ui.js';
import { startTemporalServer, type TemporalServer } from '../support/temporal-server.js';
import { approve, gate, push, questionOf, resultOf, statusOf, until } from '../support/workflow-driving.js';
import { type Lab, type Scenario, type Stage, startLab } from '../support/workflow-lab.js';
import { environment, onePerson, production, straightTo } from '../support/workflow-projects.js';

const champion: ChampionScore = {
  model: 'diabetes',
  version: '4',
  commit: 'c'.repeat(40),
  metrics: { AUC: 0.85, accuracy: 0.81 },
};

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
    page.setDefaultTimeout(15_000);
    // Tall enough for the whole of the details, which scroll in a frame of their own.
    await page.setViewportSize({ width: 1440, height: 1700 });
  });
  afterAll(async () => {
    await browser.close();
    await lab.stop();
  });

  const ui = (): string => server.uiUrl ?? '';

  function asking(rule: Partial<typeof onePerson> = {}, activities: Scenario['activities'] = {}): Stage {
    const approval = { ...onePerson, ...rule };
    return lab.stage({ project: straightTo(environment('production', { approval })), activities });
  }

  /** Signals that the server took for a run, by name. */
  async function taken(handle: WorkflowHandle, name: string): Promise<number> {
    const { events } = await handle.fetchHistory();
    return (events ?? []).filter((e) => e.workflowExecutionSignaledEventAttributes?.signalName === name)
      .length;
  }

  async function noteOf(handle: WorkflowHandle, name: string): Promise<string> {
    return await until(`a note on "${name}"`, async () =>
      (await statusOf(handle)).notes.find((note) => note.includes(`"${name}"`)),
    );
  }

  test('shows phase, metrics beside the champion, rollout and what is asked; approves by two clicks', async () => {
    const stage = lab.stage({
      project: straightTo({
        ...production,
        approval: { ...onePerson, approvers: ['octocat', '@acme/ml-leads'] },
      }),
      activities: (ok) => ({
        championOf: () => Promise.resolve(champion),
        evaluateCandidate: ({ candidate, submitted: { job } }) =>
          Promise.resolve(finished(candidate, job, { metrics: { AUC: 0.9, accuracy: 0.8 } })),
        async collectEvidence(input) {
          const digest = await ok.collectEvidence(input);
          const metrics = { AUC: 0.9, accuracy: 0.8, 'x](http://evil) | `y` <b>': 1 };
          const rollout = '10 % 10m → 50 % 30m → 100 %';
          return { ...digest, evidence: { ...digest.evidence, metrics, rollout } };
        },
      }),
    });
    const handle = await push(stage);
    const { approve: yes } = await questionOf(handle);
    await openWorkflow(page, ui(), handle);
    const details = await detailsOf(page);
    await expect.poll(() => details.innerText()).toContain('To answer');
    const text = await details.innerText();
    expect(text).toContain('May diabetes:1-1111 go to production?');
    expect(text).toMatch(/octocat, @\u200bacme\/ml-leads, but nobody who wrote/);
    expect(text).toMatch(/⏸ promote +waiting for approval/);
    expect(text).toMatch(/metric +challenger +diabetes:4 +change/);
    expect(text).toMatch(/AUC +0\.9 +0\.85 +\+0\.05/);
    expect(text).toMatch(/accuracy +0\.8 +0\.81 +-0\.01/);
    expect(text).toContain('beats the champion diabetes:4');
    expect(text).toContain('10 % 10m → 50 % 30m → 100 %');
    expect(text).toContain("x](http://evil) | 'y' <b>");
    expect(await details.locator('a').allTextContents()).toEqual(['boosted']);
    await screenshot(page, 'temporal-ui/details');
    await openSignals(page);
    const option = page.getByRole('option', { name: yes });
    await expect.poll(() => option.innerText()).toContain('Approve diabetes:1-1111 for production');
    await option.scrollIntoViewIfNeeded();
    await screenshot(page, 'temporal-ui/signals-offered');
    await option.click();
    await submitSignal(page);
    const { verdict, decisions } = await resultOf(handle);
    expect(verdict).toBe('released');
    expect(decisions).toMatchObject([{ counted: true }]);
  });

  test('rejects with a reason', async () => {
    const handle = await push(asking());
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

  test('takes no payload that is no JSON; one that is no object approves nothing, and the details say why', async () => {
    const handle = await push(asking());
    const { approve: yes } = await questionOf(handle);
    await openWorkflow(page, ui(), handle);
    await chooseSignal(page, yes);
    await typePayload(page, '{"reason": ');
    await submitSignal(page);
    await page.getByText('An unknown error occurred').waitFor();
    await screenshot(page, 'temporal-ui/no-json');
    expect(await taken(handle, yes)).toBe(0);
    await openWorkflow(page, ui(), handle);
    await chooseSignal(page, yes);
    await typePayload(page, '"fine with me"');
    await submitSignal(page);
    const { decisions, approval } = await until('the refusal', async () => {
      const status = await statusOf(handle);
      return status.decisions.length > 0 ? status : undefined;
    });
    expect(decisions).toMatchObject([{ counted: false }]);
    expect(decisions[0]?.refusal).toContain('it is no JSON object; send it again without one');
    expect(approval?.approvals).toEqual([]);
    const details = await detailsOf(page);
    await expect.poll(() => details.innerText()).toContain('it is no JSON object');
    await screenshot(page, 'temporal-ui/no-object-refused');
    await approve(handle);
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('counts a double click once', async () => {
    const handle = await push(asking({ required: 2 }));
    const { approve: yes } = await questionOf(handle);
    await openWorkflow(page, ui(), handle);
    await chooseSignal(page, yes);
    await submitTwice(page);
    const { approval, decisions } = await until('both clicks', async () => {
      const status = await statusOf(handle);
      return status.decisions.length === 2 ? status : undefined;
    });
    expect(await taken(handle, yes)).toBe(2);
    expect(decisions.map(({ counted }) => counted)).toEqual([true, false]);
    expect(approval?.approvals).toEqual(['octocat']);
    await approve(handle, 'hubot');
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('sends a signal from a dialog that was left open to nothing that is asked', async () => {
    const held = gate();
    const stage = asking({}, (ok) => ({
      async beginDeployment(input) {
        await held.opened;
        return await ok.beginDeployment(input);
      },
    }));
    const handle = await push(stage);
    const { reject } = await questionOf(handle);
    await openWorkflow(page, ui(), handle);
    await chooseSignal(page, reject);
    await approve(handle);
    await until('the question to be closed', async () =>
      (await statusOf(handle)).approval === undefined ? true : undefined,
    );
    await submitSignal(page);
    expect(await noteOf(handle, reject)).toContain('it answers nothing that is asked now');
    const details = await detailsOf(page);
    await expect.poll(() => details.innerText()).toMatch(new RegExp(`refused the signal .${reject}`));
    await openSignals(page);
    await expect.poll(() => page.getByRole('option').count()).toBeGreaterThan(0);
    expect(await page.getByRole('option', { name: reject }).count()).toBe(0);
    await screenshot(page, 'temporal-ui/nothing-is-asked');
    held.open();
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('does not take a name that is stale because the evidence has changed', async () => {
    let changed = false;
    const stage = asking({}, (ok) => ({
      async collectEvidence(input) {
        const digest = await ok.collectEvidence(input);
        return changed ? { ...digest, code: '0123456789ab' } : digest;
      },
    }));
    const handle = await push(stage);
    const { approve: stale } = await questionOf(handle);
    await openWorkflow(page, ui(), handle);
    await chooseSignal(page, stale);
    changed = true;
    await approve(handle);
    await until('the new question', async () =>
      (await statusOf(handle)).approval?.code === '0123456789ab' ? true : undefined,
    );
    await submitSignal(page);
    await noteOf(handle, stale);
    expect((await statusOf(handle)).approval?.approvals).toEqual([]);
    expect(stage.fakes.azure.names()).toEqual([]);
    const details = await detailsOf(page);
    await expect.poll(() => details.innerText()).toContain('approve 0123456789ab');
    await screenshot(page, 'temporal-ui/asked-again');
    await openWorkflow(page, ui(), handle);
    await chooseSignal(page, 'approve 0123456789ab');
    await submitSignal(page);
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('tells on the page of an older run that nobody hears there', async () => {
    const handle = await push(asking());
    const { approve: old } = await questionOf(handle);
    const { runId } = await handle.describe();
    await openWorkflow(page, ui(), { workflowId: handle.workflowId, runId });
    await chooseSignal(page, old);
    const { events } = await handle.fetchHistory();
    const first = events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId;
    await lab.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: handle.workflowId },
      reason: 'test',
      requestId: randomUUID(),
      ...(first !== undefined && first !== null && { workflowTaskFinishEventId: first }),
    });
    const question = await until('the question of the new run', async () => {
      const { approval } = await statusOf(handle);
      return approval !== undefined && approval.approve !== old ? approval : undefined;
    });
    await submitSignal(page);
    const refusal = page.getByText('workflow execution already completed');
    await refusal.first().waitFor();
    await screenshot(page, 'temporal-ui/older-run');
    expect(await taken(handle, old)).toBe(0);
    expect(question.approvals).toEqual([]);
    await approve(handle);
    expect((await resultOf(handle)).verdict).toBe('released');
  });
});
