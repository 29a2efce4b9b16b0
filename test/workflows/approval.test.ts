import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  approve,
  endpointOf,
  endpointStatusOf,
  offeredSignals,
  phaseOf,
  push,
  questionOf,
  resultOf,
  signalGarbage,
  statusOf,
  until,
} from '../support/workflow-driving.js';
import { type Lab, type Stage, startLab } from '../support/workflow-lab.js';
import { environment, onePerson, straightTo } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

function asking(rule: Partial<typeof onePerson> = {}): Stage {
  const target = environment('production', { approval: { ...onePerson, ...rule } });
  return lab.stage({ project: straightTo(target) });
}

const shown = (by: string) => ({ by, reason: 'as discussed' });

describe.concurrent('an approval', () => {
  test('is asked for by two signals that carry the evidence, and only while it is open', async () => {
    const stage = asking();
    const handle = await push(stage);
    const { code, approve: yes, reject: no } = await questionOf(handle);
    expect([yes, no]).toEqual([`approve ${code}`, `reject ${code}`]);
    expect(code).toMatch(/^[0-9a-f]{12}$/);
    expect(await offeredSignals(handle)).toEqual(expect.arrayContaining([yes, no]));
    expect(stage.fakes.azure.names()).toEqual([]);
    await handle.signal(yes);
    expect((await resultOf(handle)).verdict).toBe('released');
    expect(await offeredSignals(handle)).not.toContain(yes);
    expect(stage.fakes.of('announceApproval').map(({ state }) => state)).toEqual(['pending', 'approved']);
  });

  test('that is refused leaves the model registered and gives the place in the queue back', async () => {
    const stage = asking();
    const handle = await push(stage);
    const { reject } = await questionOf(handle);
    await handle.signal(reject, shown('octocat'));
    const status = await resultOf(handle);
    expect(status.verdict).toBe('rejected');
    expect(status.why).toContain('Rejected by octocat: as discussed');
    expect(status.models).toHaveLength(1);
    expect(stage.fakes.azure.names()).toEqual([]);
    const owner = await until('the place to be given back', async () => {
      const found = await endpointStatusOf(endpointOf(stage, 'production'));
      return found.waiting.length === 0 ? found : undefined;
    });
    expect(owner.champion).toBeUndefined();
  });

  test('that nobody gives expires, and never approves', async () => {
    const stage = asking({ expiresMs: 300 });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('expired');
    expect(phaseOf(status, 'promote').state).toBe('failed');
    expect(stage.fakes.azure.names()).toEqual([]);
    expect(stage.fakes.of('announceApproval').at(-1)?.state).toBe('expired');
  });

  test('does not come from stale, malformed or unknown signals, which are kept as refused', async () => {
    const stage = asking();
    const handle = await push(stage);
    const question = await questionOf(handle);
    const wrong = [
      'approve 000000000000',
      'approve',
      `APPROVE ${question.code}`,
      `approve ${question.code} `,
    ];
    for (const name of wrong) await handle.signal(name, shown('octocat'));
    await signalGarbage(stage, handle, 'anything');
    const refused = (notes: readonly string[]) => notes.filter((note) => note.startsWith('refused'));
    const status = await until('the refusals', async () => {
      const found = await statusOf(handle);
      return refused(found.notes).length === wrong.length + 1 ? found : undefined;
    });
    expect(refused(status.notes)[0]).toContain('"approve 000000000000"');
    expect(status.approval).toMatchObject({ approvals: [] });
    expect(stage.fakes.azure.names()).toEqual([]);
    await approve(handle);
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('does not come from a person without the right, who is kept in the record', async () => {
    const stage = asking();
    const handle = await push(stage);
    const { approve: yes } = await questionOf(handle);
    await handle.signal(yes, shown('mallory'));
    const status = await until('the refusal', async () => {
      const found = await statusOf(handle);
      return found.decisions.length > 0 ? found : undefined;
    });
    expect(status.decisions).toMatchObject([{ counted: false, claimedBy: 'mallory' }]);
    expect(status.approval).toBeDefined();
    await handle.signal(yes, shown('octocat'));
    const end = await resultOf(handle);
    expect(end.decisions.map(({ counted }) => counted)).toEqual([false, true]);
  });

  test('by two people is not given by one who clicks twice', async () => {
    const stage = asking({ required: 2 });
    const handle = await push(stage);
    const { approve: yes } = await questionOf(handle);
    await handle.signal(yes, shown('octocat'));
    await handle.signal(yes, shown('octocat'));
    const status = await until('both clicks', async () => {
      const found = await statusOf(handle);
      return found.decisions.length === 2 ? found : undefined;
    });
    expect(status.approval?.approvals).toEqual(['octocat']);
    expect(status.decisions[1]?.refusal).toContain('has approved already');
    await handle.signal(yes, shown('hubot'));
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('does not come with a payload that is malformed, oversized or of another type', async () => {
    const stage = asking();
    const handle = await push(stage);
    const { approve: yes } = await questionOf(handle);
    await signalGarbage(stage, handle, yes);
    const malformed: readonly (readonly [unknown, string])[] = [
      ['yes', 'it is no JSON object'],
      [[{ reason: 'fine' }], 'it is no JSON object'],
      [
        { reason: 7, by: ['octocat'], comment_id: '12' },
        '`reason` is no text, `by` is no text, `comment_id` is no number',
      ],
      [{ reason: 'x'.repeat(1_000_000) }, 'it has 1000013 characters, at most 4000 are allowed'],
    ];
    for (const [payload] of malformed) await handle.signal(yes, payload);
    const status = await until('the refusals', async () => {
      const found = await statusOf(handle);
      return found.decisions.length === malformed.length + 1 ? found : undefined;
    });
    const problems = ['it is no JSON', ...malformed.map(([, problem]) => problem)];
    for (const [position, problem] of problems.entries())
      expect(status.decisions[position]).toMatchObject({
        counted: false,
        refusal: expect.stringContaining(`counts for nothing: ${problem}`) as string,
      });
    expect(status.approval).toMatchObject({ approvals: [] });
    await handle.signal(yes, null);
    const end = await resultOf(handle);
    expect(end.verdict).toBe('released');
    expect(end.decisions.filter(({ counted }) => counted)).toHaveLength(1);
  });

  test('is withdrawn when the lifecycle is cancelled while it waits', async () => {
    const stage = asking();
    const handle = await push(stage);
    await questionOf(handle);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    const status = await statusOf(handle);
    expect(status).toMatchObject({ verdict: 'cancelled' });
    expect(status.approval).toBeUndefined();
    expect(stage.fakes.of('report').at(-1)).toMatchObject({ outcome: 'cancelled' });
    expect(stage.fakes.of('writeRecord').at(-1)?.status.verdict).toBe('cancelled');
    const owner = await endpointStatusOf(endpointOf(stage, 'production'));
    expect(owner.waiting).toEqual([]);
  });
});

describe.concurrent('an approval that waits', () => {
  test('reminds people, and after a while asks others too', async () => {
    const stage = asking({
      approvers: ['octocat'],
      remindMs: 400,
      escalate: { afterMs: 600, to: ['hubot'] },
    });
    const handle = await push(stage);
    const reminders = await until('a reminder and the escalation', () => {
      const told = stage.fakes.of('announceApproval').flatMap(({ reminder }) => reminder ?? []);
      return told.some(({ escalated }) => escalated) ? told : undefined;
    });
    for (const { escalated, approvers } of reminders)
      expect(approvers).toEqual(escalated ? ['octocat', 'hubot'] : ['octocat']);
    expect((await statusOf(handle)).approval?.approvers).toEqual(['octocat', 'hubot']);
    await approve(handle);
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('is void once its evidence has changed, and is asked for again', async () => {
    let changed = false;
    const target = environment('production', { approval: onePerson });
    const stage = lab.stage({
      project: straightTo(target),
      activities: (ok) => ({
        async collectEvidence(input) {
          const evidence = await ok.collectEvidence(input);
          return changed ? { ...evidence, code: '0123456789ab' } : evidence;
        },
      }),
    });
    const handle = await push(stage);
    const { approve: stale, code } = await questionOf(handle);
    changed = true;
    await handle.signal(stale, shown('octocat'));
    const question = await until('the new question', async () => {
      const { approval } = await statusOf(handle);
      return approval !== undefined && approval.code !== code ? approval : undefined;
    });
    expect(question).toMatchObject({ approve: 'approve 0123456789ab', approvals: [] });
    expect(stage.fakes.azure.names()).toEqual([]);
    await handle.signal(stale, shown('octocat'));
    await handle.signal(question.approve, shown('octocat'));
    const status = await resultOf(handle);
    expect(status.verdict).toBe('released');
    expect(status.notes.join()).toContain(`the evidence ${code} has changed`);
    expect(status.notes.join()).toContain(`refused the signal "${stale}"`);
  });
});

test.concurrent('signals of other workflows with nothing in them are refused and stop nothing', async () => {
  const stage = asking();
  const handle = await push(stage);
  await questionOf(handle);
  for (const name of ['superseded', 'child', 'release']) await handle.signal(name);
  await handle.signal('release', { releaseId: 'x', kind: 'finished' });
  await signalGarbage(stage, handle, 'superseded');
  await approve(handle);
  const status = await resultOf(handle);
  expect(status.verdict).toBe('released');
  for (const name of ['superseded', 'child', 'release'])
    expect(status.notes).toContain(
      `refused a signal "${name}" whose payload says nothing that it can act on`,
    );
});
