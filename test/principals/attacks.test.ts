import { randomUUID } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import { Client, Connection } from '@temporalio/client';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { innerPort } from '../../src/temporal/examine.js';
import { signalThroughHistory } from '../support/history-service.js';
import { type Asked, type PrincipalLab, startPrincipalLab } from '../support/principal-lab.js';
import { withoutSecuredServer } from '../support/secured-server.js';
import { audience, keyId } from '../support/tokens.js';
import { gate, questionOf, resultOf, statusOf, until } from '../support/workflow-driving.js';

const [alice, mallory] = ['alice@example.com', 'mallory@example.com'];

/** Known ways to get a wrong name into a history: each is refused here, or needs something that doctor finds open. */
describe.skipIf(withoutSecuredServer)('attacks on attested principals', () => {
  let world: PrincipalLab;
  beforeAll(async () => {
    world = await startPrincipalLab();
  });
  afterAll(() => world.stop());

  const as = (who: string): Promise<Client> => world.server.as(who);

  async function send(who: string, { handle }: Asked, signal: string): Promise<void> {
    await (await as(who)).workflow.getHandle(handle.workflowId).signal(signal);
  }

  /** Nothing counts, nothing is approved, no traffic moves; the reasons. */
  async function refusals({ handle, stage }: Asked, count = 1): Promise<string[]> {
    const { decisions, approval } = await until('the refusals', async () => {
      const status = await statusOf(handle);
      return status.decisions.length >= count ? status : undefined;
    });
    expect(decisions.filter(({ counted }) => counted)).toEqual([]);
    expect(approval?.approvals).toEqual([]);
    expect(stage.fakes.azure.names()).toEqual([]);
    return decisions.map(({ refusal }) => refusal ?? '');
  }

  async function resetAs(who: string, { handle }: Asked): Promise<void> {
    const { events } = await handle.fetchHistory();
    const first = events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId;
    await (
      await as(who)
    ).workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: handle.workflowId },
      reason: 'test',
      requestId: randomUUID(),
      ...(first !== undefined && first !== null && { workflowTaskFinishEventId: first }),
    });
  }

  async function signalsIn({ handle }: Asked, name: string) {
    const { events } = await handle.fetchHistory();
    return (events ?? []).filter(
      (event) => event.workflowExecutionSignaledEventAttributes?.signalName === name,
    );
  }

  test.each(['a stranger', 'a workflow'])(
    'a reset by an approver does not make the signal of %s hers',
    async (sender) => {
      const asked = await world.asking();
      const { approve, code } = await questionOf(asked.handle);
      if (sender === 'a stranger') await send(mallory, asked, approve);
      else await world.forward(asked.handle.workflowId, approve, 1);
      await refusals(asked);
      await resetAs(alice, asked);
      const question = await until('the new question', async () => {
        const { approval } = await statusOf(asked.handle);
        return approval !== undefined && approval.code !== code ? approval : undefined;
      });
      const [reapplied] = await signalsIn(asked, approve);
      expect(reapplied?.principal).toMatchObject({ type: 'jwt', name: alice });
      expect(question.approvals).toEqual([]);
      const { decisions, notes } = await statusOf(asked.handle);
      expect(decisions).toEqual([]);
      expect(notes.join()).toContain(approve);
      expect(asked.stage.fakes.azure.names()).toEqual([]);
    },
  );

  test('an overflow of buffered signals stamps those of a workflow with an approver, in vain', async () => {
    const asked = await world.asking();
    const { approve } = await questionOf(asked.handle);
    const overflow = 100;
    await world.lab.withoutWorker(async () => {
      const worker = await as(world.server.workerName);
      await send(mallory, asked, 'hello');
      // Taken and never answered: what comes behind it is buffered.
      await worker.withDeadline(Date.now() + 60_000, () =>
        worker.workflowService.pollWorkflowTaskQueue({
          namespace: 'default',
          taskQueue: { name: asked.stage.taskQueue },
          identity: 'nobody',
        }),
      );
      await world.forward(asked.handle.workflowId, approve, overflow);
      await send(alice, asked, 'hello');
    });
    const reasons = await refusals(asked, overflow);
    const stamped = await signalsIn(asked, approve);
    expect(stamped).toHaveLength(overflow);
    expect(new Set(stamped.map(({ principal }) => principal?.name))).toContain(alice);
    expect(new Set(reasons)).toEqual(new Set(['was sent by a workflow, not by a person']));
  });

  test('the internal frontend lets anybody in without a token, as nobody that counts', async () => {
    const asked = await world.asking();
    const { approve } = await questionOf(asked.handle);
    const address = `127.0.0.1:${world.server.ports.internal}`;
    const connection = await Connection.connect({ address, tls: false });
    await new Client({ connection }).workflow.getHandle(asked.handle.workflowId).signal(approve);
    await connection.close();
    expect(await refusals(asked)).toEqual([
      expect.stringContaining('is attested as temporal/internal') as string,
    ]);
  });

  test('the history port takes any name: nothing but closing it helps', async () => {
    const asked = await world.asking();
    const { approve } = await questionOf(asked.handle);
    const { namespaceInfo } = await world.lab.client.workflowService.describeNamespace({
      namespace: 'default',
    });
    const target = {
      namespaceId: namespaceInfo?.id ?? '',
      workflowId: asked.handle.workflowId,
      signalName: approve,
    };
    await signalThroughHistory(world.server.ports.history, target, alice);
    expect((await resultOf(asked.handle)).decisions).toMatchObject([
      { counted: true, proof: { person: alice } },
    ]);
    const found = await innerPort('127.0.0.1', 'history', world.server.ports.history);
    expect(found).toMatchObject({
      state: 'bad',
      found: expect.stringContaining('signals as anybody') as string,
    });
  });

  test('a token without a subject names nobody', async () => {
    const asked = await world.asking();
    const { approve } = await questionOf(asked.handle);
    await send('', asked, approve);
    expect(await refusals(asked)).toEqual([expect.stringContaining('names nobody') as string]);
  });

  test('a writer who completes the tasks of a workflow gets no traffic', async () => {
    const held = gate();
    const asked = await world.asking({ hold: held.opened });
    const { approve, code } = await questionOf(asked.handle);
    await send(mallory, asked, approve);
    const activityId = await until('the proving to begin', async () => {
      const { events } = await asked.handle.fetchHistory();
      return events?.find(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'verifyDecisions',
      )?.activityTaskScheduledEventAttributes?.activityId;
    });
    const proof = { by: 'principal', person: alice, allowed: true, isAuthor: false };
    const forged = [{ id: 'signal/1', answer: 'approve', code, at: Date.now(), proof }];
    const { runId } = await asked.handle.describe();
    await (
      await as(mallory)
    ).workflowService.respondActivityTaskCompletedById({
      namespace: 'default',
      workflowId: asked.handle.workflowId,
      runId,
      activityId,
      result: { payloads: [defaultPayloadConverter.toPayload(forged)] },
    });
    const status = await resultOf(asked.handle);
    held.open();
    expect(status.verdict).toBe('failed');
    expect(status.why).toContain(`tasks of this workflow were completed by`);
    expect(status.why).toContain(mallory);
    expect(asked.stage.fakes.azure.names()).not.toContain('beginTraffic');
  });

  test.each<[string, () => Promise<string> | string]>([
    ['nothing', () => ''],
    ['a token for reading only', () => world.server.issuer.token(alice, { permissions: ['default:read'] })],
    ['an expired token', () => world.server.issuer.token(alice, { expiresIn: -60 })],
    ['a token for another audience', () => world.server.issuer.token(alice, { audience: 'elsewhere' })],
    [
      'a token signed by the public key as a secret',
      () =>
        new SignJWT({ permissions: ['default:write'] })
          .setProtectedHeader({ alg: 'HS256', kid: keyId })
          .setSubject(alice)
          .setAudience(audience)
          .sign(new TextEncoder().encode('public')),
    ],
  ])('%s does not reach the workflow', async (_name, make) => {
    const token = await make();
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    const connection = Connection.lazy({
      address: world.server.address,
      tls: false,
      metadata: { ...headers, 'temporal-principal-type': 'jwt', 'temporal-principal-name': alice },
    });
    const sent = connection.workflowService.signalWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: 'any' },
      signalName: 'approve',
      identity: alice,
    });
    await expect(sent).rejects.toMatchObject({ code: 7 });
    await connection.close();
  });
});
