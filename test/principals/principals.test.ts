import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecordedDecision } from '../../src/domain/approval.js';
import { type Asked, type PrincipalLab, startPrincipalLab } from '../support/principal-lab.js';
import { withoutSecuredServer } from '../support/secured-server.js';
import { runHere } from '../cli/support.js';
import { launchBrowser, openPage, screenshot, withoutBrowser } from '../support/browser.js';
import { startSecuredUi } from '../support/secured-ui.js';
import { chooseSignal, openWorkflow, submitSignal } from '../support/temporal-ui.js';
import { questionOf, resultOf, statusOf, until } from '../support/workflow-driving.js';

const [alice, carol, mallory] = ['alice@example.com', 'carol@example.com', 'mallory@example.com'];

describe.skipIf(withoutSecuredServer)('principals that a server with an authorizer attests', () => {
  let world: PrincipalLab;
  beforeAll(async () => {
    world = await startPrincipalLab();
  });
  afterAll(() => world.stop());

  async function send(who: string, { handle }: Asked, signal: string, payload?: object): Promise<void> {
    const client = await world.server.as(who);
    await client.workflow.getHandle(handle.workflowId).signal(signal, payload);
  }

  /** The refusals once there are so many decisions; nothing has been approved by them. */
  async function refused({ handle, stage }: Asked, count: number): Promise<RecordedDecision[]> {
    const { decisions, approval } = await until('the refusals', async () => {
      const status = await statusOf(handle);
      return status.decisions.length >= count ? status : undefined;
    });
    expect(approval?.approvals).toEqual([]);
    expect(stage.fakes.azure.names()).toEqual([]);
    expect(decisions.map(({ counted }) => counted)).toEqual(decisions.map(() => false));
    return [...decisions];
  }

  test('approve by the signal alone, and the last guard agrees', async () => {
    const asked = await world.asking();
    const { approve } = await questionOf(asked.handle);
    await send(alice, asked, approve);
    const { verdict, decisions } = await resultOf(asked.handle);
    expect(verdict).toBe('released');
    expect(decisions).toMatchObject([{ counted: true, proof: { by: 'principal', person: alice } }]);
  });

  test('are counted by person: two clicks of one are one of two', async () => {
    const asked = await world.asking({ rule: { required: 2 } });
    const { approve } = await questionOf(asked.handle);
    await send(alice, asked, approve);
    await send(alice, asked, approve);
    await send(carol, asked, approve, { by: 'whoever' });
    const { decisions } = await resultOf(asked.handle);
    expect(decisions.map(({ counted, proof }) => [proof?.person, counted])).toEqual([
      [alice, true],
      [alice, false],
      [carol, true],
    ]);
  });

  test('do not approve as strangers, nor as authors of the commit, nor by what they claim', async () => {
    const asked = await world.asking({ author: alice });
    const { approve } = await questionOf(asked.handle);
    await send(mallory, asked, approve, { by: carol });
    await send(alice, asked, approve);
    const decisions = await refused(asked, 2);
    expect(decisions[0]?.refusal).toContain(`${mallory} is none of`);
    expect(decisions[1]?.refusal).toContain(`${alice} wrote commits`);
    await send(carol, asked, approve);
    expect((await resultOf(asked.handle)).verdict).toBe('released');
  });

  test('approve by the command line with a token', async () => {
    const asked = await world.asking();
    await questionOf(asked.handle);
    // Temporal's own reader of settings looks at the process.
    const settings = { TEMPORAL_ADDRESS: world.server.address, TEMPORAL_TLS: 'false' };
    const mlops = async (who: string) => {
      const env = { ...settings, TEMPORAL_API_KEY: await world.server.issuer.token(who) };
      Object.assign(process.env, env);
      try {
        return await runHere(['approve', asked.handle.workflowId, '--reason', 'as discussed']);
      } finally {
        for (const name of Object.keys(env)) Reflect.deleteProperty(process.env, name);
      }
    };
    const stranger = await mlops(mallory);
    expect(stranger).toMatchObject({ code: 1 });
    expect(stranger.err).toContain(`the answer was not counted: ${mallory} is none of`);
    const approved = await mlops(alice);
    expect(approved, approved.err).toMatchObject({
      code: 0,
      out: expect.stringContaining(`approved by ${alice}`) as string,
    });
    expect((await resultOf(asked.handle)).verdict).toBe('released');
  });

  test.skipIf(withoutBrowser)('approve by a click in the Temporal UI, behind a login', async () => {
    const asked = await world.asking();
    const { approve } = await questionOf(asked.handle);
    const [ui, browser] = await Promise.all([startSecuredUi(world.server), launchBrowser()]);
    try {
      const { page } = await openPage(browser, ui.url);
      await ui.login(page, alice);
      await openWorkflow(page, ui.url, asked.handle);
      await chooseSignal(page, approve);
      await screenshot(page, 'temporal-ui/approve-behind-a-login');
      await submitSignal(page);
      const { decisions } = await resultOf(asked.handle);
      expect(decisions).toMatchObject([{ counted: true, proof: { by: 'principal', person: alice } }]);
    } finally {
      await browser.close();
      await ui.stop();
    }
  });
});
