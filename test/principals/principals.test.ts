import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecordedDecision } from '../../src/domain/approval.js';
import { type Asked, type PrincipalLab, startPrincipalLab } from '../support/principal-lab.js';
import { withoutSecuredServer } from '../support/secured-server.js';
import { runAction } from '../support/action.js';
import { type CliRun, runHere } from '../cli/support.js';
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

  /** The command line with a token of `who`. */
  async function mlops(who: string, ...args: string[]): Promise<CliRun> {
    return await mlopsWith(await world.server.issuer.token(who), ...args);
  }

  function mlopsWith(token: string, ...args: string[]): Promise<CliRun> {
    const env = { TEMPORAL_ADDRESS: world.server.address, TEMPORAL_TLS: 'false', TEMPORAL_API_KEY: token };
    return runHere(args, { env });
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
    // Without a champion every commit so far counts: carol is an author in the tests below too.
    const asked = await world.asking({ author: carol });
    const { approve } = await questionOf(asked.handle);
    await send(mallory, asked, approve, { by: alice });
    await send(carol, asked, approve);
    const decisions = await refused(asked, 2);
    expect(decisions[0]?.refusal).toContain(`${mallory} is none of`);
    expect(decisions[1]?.refusal).toContain(`${carol} wrote commits`);
    await send(alice, asked, approve);
    expect((await resultOf(asked.handle)).verdict).toBe('released');
  });

  test('approve by the command line with a token', async () => {
    const asked = await world.asking();
    await questionOf(asked.handle);
    const approve = (who: string) =>
      mlops(who, 'approve', asked.handle.workflowId, '--reason', 'as discussed');
    const stranger = await approve(mallory);
    expect(stranger).toMatchObject({ code: 1 });
    expect(stranger.err).toContain(`the answer was not counted: ${mallory} is none of`);
    const approved = await approve(alice);
    expect(approved, approved.err).toMatchObject({
      code: 0,
      out: expect.stringContaining(`approved by ${alice}`) as string,
    });
    expect((await resultOf(asked.handle)).verdict).toBe('released');
  });

  test('doctor tells who the server says you are, and what is open', async () => {
    const { history } = world.server.ports;
    const found = await mlops(alice, 'doctor', '--ports', `history=${history},worker=1`);
    expect(found.code).toBe(1);
    expect(found.out).toMatch(/✔ server: 1\.3/);
    expect(found.out).toContain('✔ authorizer: a call without a token is refused');
    expect(found.out).toContain(`✔ attested as: ${alice}`);
    expect(found.out).toContain('✔ search attributes');
    expect(found.out).toContain(`✘ port of history: 127.0.0.1:${history} answers`);
    expect(found.out).toContain('✔ port of worker');
    const reader = await world.server.issuer.token(alice, { permissions: ['default:read'] });
    const refused = await mlopsWith(reader, 'doctor', '--ports', 'worker=1');
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.out).toMatch(/✘ permission: alice@example\.com may not.*\n.*give it `default:write`/);
  });

  test('a token without the right is told what it lacks', async () => {
    const { handle } = await world.asking();
    await questionOf(handle);
    const reader = await world.server.issuer.token(alice, { permissions: ['default:read'] });
    const refused = await mlopsWith(reader, 'approve', handle.workflowId);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('the token of alice@example.com has default:read');
    expect(refused.err).toContain('`default:write`');
    expect((await mlopsWith('', 'list')).err).toContain('no token was sent');
    await handle.terminate();
  });

  test('a step of a workflow whose token lacks the right is told the same', async () => {
    const { issuer, address } = world.server;
    const reader = await issuer.token(alice, { permissions: ['default:read'] });
    const step = {
      event: 'workflow_dispatch',
      workspace: '.',
      payload: {},
      inputs: {
        'temporal-address': address,
        'temporal-api-key': reader,
        'workflow-id': 'mlops/acme.models/diabetes/none',
        signal: 'retry',
      },
      env: { TEMPORAL_TLS: 'false' },
    };
    const run = await runAction(step);
    expect(run.code).toBe(1);
    expect(run.log).toContain(`the token of ${alice} has default:read`);
    expect(run.log).toContain('signalling `default:write`');
    // Only the command that has the runner mask it.
    expect(run.log.replace(`::add-mask::${reader}\n`, '')).not.toContain(reader);
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
