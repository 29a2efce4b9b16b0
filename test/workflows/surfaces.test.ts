import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportingId } from '../../src/domain/keys.js';
import { failure } from '../support/fake-activities.js';
import { approve, gate, push, questionOf, resultOf, until } from '../support/workflow-driving.js';
import { type Lab, startLab } from '../support/workflow-lab.js';
import { candidate, production, project, staging, straightTo } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

describe.concurrent('what GitHub shows', () => {
  test('catches up after an outage that outlived the lifecycle, which it neither stopped nor failed', async () => {
    const back = gate();
    let away = true;
    const down = (): Promise<void> => Promise.reject(failure('Outage', 'GitHub: 503'));
    const stage = lab.stage({
      project: straightTo(production),
      timing: { farewellMs: 200 },
      activities: (ok) => ({
        report: (input) =>
          away
            ? down()
            : ok.report(input).then(() => {
                back.open();
              }),
        reportRelease: (input) => (away ? down() : ok.reportRelease(input)),
        announceApproval: (input) => (away ? down() : ok.announceApproval(input)),
      }),
    });
    const handle = await push(stage);
    await approve(handle);
    expect((await resultOf(handle)).verdict).toBe('released');

    away = false;
    await back.opened;
    const told: unknown = await stage.client.workflow.getHandle(reportingId(handle.workflowId)).result();
    expect(told).toEqual([]);
    expect(stage.fakes.of('report').at(-1)).toMatchObject({ outcome: 'success' });
    expect(stage.fakes.of('reportRelease').at(-1)).toMatchObject({
      state: 'success',
      environmentUrl: 'https://production.example/score',
    });
    expect(stage.fakes.of('announceApproval').at(-1)?.state).toBe('approved');
  });

  test('is the newest state, not every state, once GitHub is there again', async () => {
    const held = gate();
    let first = true;
    const stage = lab.stage({
      project: project({ candidates: [candidate('boosted')], environments: [] }),
      activities: {
        report: async () => {
          if (first) {
            first = false;
            await held.opened;
          }
        },
      },
    });
    const handle = await push(stage);
    await until('the verdict', async () => {
      const { typedSearchAttributes } = await handle.describe();
      return JSON.stringify(typedSearchAttributes).includes('registered') ? true : undefined;
    });
    held.open();
    await resultOf(handle);
    const reports = stage.fakes.of('report');
    expect(reports.map(({ outcome }) => outcome)).toEqual(['running', 'success']);
  });

  test('is given up where a permission is missing, which the lifecycle names', async () => {
    const stage = lab.stage({
      project: straightTo(production),
      activities: {
        report: () => Promise.reject(failure('NotAuthorized', 'the credential lacks "checks: write"')),
      },
    });
    const handle = await push(stage);
    await approve(handle);
    const { notes, verdict } = await resultOf(handle);
    expect(verdict).toBe('released');
    expect(notes).toContain('GitHub shows less: the credential lacks "checks: write"');
  });

  test('is a deployment with its history for each environment', async () => {
    const stage = lab.stage({ project: project({ environments: [staging, production] }) });
    const handle = await push(stage);
    await approve(handle);
    await resultOf(handle);
    const statesOf = (name: string): string[] =>
      stage.fakes
        .of('reportRelease')
        .filter(({ environment }) => environment === name)
        .map(({ state }) => state);
    expect(new Set(statesOf('staging'))).toEqual(new Set(['in_progress', 'success']));
    expect(statesOf('production')[0]).toBe('pending');
    expect(new Set(statesOf('production'))).toEqual(new Set(['pending', 'in_progress', 'success']));
    expect(stage.fakes.of('reportRelease').at(-1)).toMatchObject({
      production: true,
      description: expect.stringContaining('serves as') as string,
    });
  });

  test('says that nothing is asked any more when somebody cancels', async () => {
    const stage = lab.stage({ project: straightTo(production) });
    const handle = await push(stage);
    await questionOf(handle);
    await handle.cancel();
    await expect(resultOf(handle)).rejects.toThrow();
    expect(stage.fakes.of('announceApproval').at(-1)?.state).toBe('withdrawn');
    expect(stage.fakes.of('reportRelease').at(-1)).toMatchObject({ state: 'inactive' });
  });

  test('is a plan for a pull request, and for nothing else', async () => {
    const champion = { model: 'diabetes', version: '7', commit: 'c'.repeat(40), metrics: { AUC: 0.8 } };
    const stage = lab.stage({
      project: straightTo(production),
      activities: { championOf: () => Promise.resolve(champion) },
    });
    const planned = await push(stage, { reach: 'plan', source: { ref: 'refs/pull/7/head' } });
    expect((await resultOf(planned)).verdict).toBe('planned');
    expect(stage.fakes.of('reportPlan')).toMatchObject([
      { champion, setup: '1 resources stand, nothing to change' },
    ]);
    expect(stage.fakes.azure.names()).toEqual([]);
  });

  test('names mistakes in the files at their lines', async () => {
    const mistakes = [
      { file: 'mlops.yaml', line: 4, path: 'gate', message: 'unknown key', severity: 'error' },
    ];
    const invalid = ApplicationFailure.nonRetryable('mlops.yaml:4  gate', 'SpecInvalid', mistakes);
    const stage = lab.stage({ activities: { loadProject: () => Promise.reject(invalid) } });
    const handle = await push(stage);
    await expect(resultOf(handle)).rejects.toThrow();
    expect(stage.fakes.of('report').at(-1)).toMatchObject({ outcome: 'failure', mistakes });
  });
});
