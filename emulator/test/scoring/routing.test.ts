import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getResource, updateProperties } from '../../src/resources.js';
import { KEYS, WORKSPACE, put, putEndpoint } from '../support/deployments.js';
import { startScoringLab } from './lab.js';
import type { ScoringLab } from './lab.js';

let lab: ScoringLab;

beforeAll(async () => {
  lab = await startScoringLab();
}, 600_000);
afterAll(() => lab.stop());

describe('router', () => {
  beforeAll(async () => {
    await lab.deployAll('colors', ['blue', 'green']);
  }, 600_000);

  it('splits 1,000 requests exactly as the traffic says', async () => {
    updateProperties(lab.services.ctx.store, `${WORKSPACE}/onlineEndpoints/colors`, {
      traffic: { blue: 90, green: 10 },
    });
    const counts: Record<string, number> = {};
    for (let at = 0; at < 1000; at += 1) {
      const [name] = (await (await lab.score('colors', {})).json()) as [string];
      counts[name] = (counts[name] ?? 0) + 1;
    }
    expect(counts).toEqual({ blue: 900, green: 100 });
  }, 120_000);

  it('follows the deployment header whatever the traffic, and names who answered', async () => {
    const answer = await lab.score('colors', {}, { 'azureml-model-deployment': 'green' });
    expect(await answer.json()).toEqual(['green']);
    expect(answer.headers.get('azureml-model-deployment')).toBe('green');
    expect(answer.headers.get('x-ms-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await lab.score('colors', {}, { 'azureml-model-deployment': 'red' })).status).toBe(404);
  });

  it('accepts both keys and nothing else', async () => {
    const status = async (authorization: string) => (await lab.score('colors', {}, { authorization })).status;
    expect(await status(`Bearer ${KEYS.secondaryKey}`)).toBe(200);
    expect(await status('Bearer wrong')).toBe(401);
    expect(await status(KEYS.primaryKey)).toBe(401);
    expect((await fetch(lab.uriOf('colors'), { method: 'POST', body: '{}' })).status).toBe(401);
  });

  it('accepts the token of an endpoint with AMLToken', async () => {
    const endpointId = putEndpoint(lab.services.ctx, 'colors', {
      authMode: 'AMLToken',
      traffic: { blue: 100 },
    });
    const endpoint = getResource(lab.services.ctx.store, endpointId);
    put(lab.services.ctx, endpointId, endpoint?.properties ?? {}, {
      _tokens: [
        { accessToken: 'an-old-token', expiryTimeUtc: Date.now() / 1000 - 1 },
        { accessToken: 'a-token', expiryTimeUtc: Date.now() / 1000 + 600 },
      ],
    });
    const status = async (token: string) =>
      (await lab.score('colors', {}, { authorization: `Bearer ${token}` })).status;
    expect(await status('a-token')).toBe(200);
    expect(await status('an-old-token')).toBe(401);
    expect(await status('Bearer')).toBe(401);
    expect((await lab.score('colors', {})).status).toBe(401);
    putEndpoint(lab.services.ctx, 'colors', { traffic: { blue: 100 } });
  });

  it('answers 404 while no deployment has traffic', async () => {
    putEndpoint(lab.services.ctx, 'colors', { traffic: { blue: 0 } });
    expect((await lab.score('colors', {})).status).toBe(404);
    putEndpoint(lab.services.ctx, 'colors', { traffic: { blue: 100 } });
    expect((await lab.score('nobody', {})).status).toBe(404);
  });

  it('wraps the failure of a model as 424 with its own status', async () => {
    const answer = await lab.score('colors', { fail: 418 });
    expect(answer.status).toBe(424);
    expect(answer.headers.get('ms-azureml-model-error-statuscode')).toBe('418');
    expect(answer.headers.get('ms-azureml-model-error-reason')).toMatch(/teapot/i);
  });

  it('sends mirrored copies that the client does not see', async () => {
    putEndpoint(lab.services.ctx, 'colors', { traffic: { blue: 100 }, mirrorTraffic: { green: 50 } });
    const mirrored = `AmlOnlineEndpointTrafficLog | where EndpointName == "colors" and DeploymentName == "green" and XMSClientRequestId == "mirror-test" | count`;
    const headers = { 'x-ms-client-request-id': 'mirror-test' };
    for (let at = 0; at < 10; at += 1)
      expect(await (await lab.score('colors', {}, headers)).json()).toEqual(['blue']);
    await expect.poll(() => lab.rowsOf(mirrored), { timeout: 10_000 }).toEqual([[5]]);
    await lab.score('colors', {}, { ...headers, 'azureml-model-deployment': 'blue' });
    await lab.score('colors', {}, { ...headers, 'azureml-model-deployment': 'blue' });
    expect(await lab.rowsOf(mirrored)).toEqual([[5]]);
    putEndpoint(lab.services.ctx, 'colors', { traffic: { blue: 100 } });
  }, 60_000);

  it('starts a dead instance again', async () => {
    await lab.score('colors', { die: true }, { 'azureml-model-deployment': 'green' });
    const again = async () => (await lab.score('colors', {}, { 'azureml-model-deployment': 'green' })).status;
    await expect.poll(again, { timeout: 30_000 }).toBe(200);
  }, 60_000);
});

describe('limits of a deployment', () => {
  it('answers 408 after the request timeout', async () => {
    await lab.deployAll('impatient', ['only'], { requestSettings: { requestTimeout: 'PT1S' } });
    const answer = await lab.score('impatient', { sleep: 2 }, { 'azureml-model-deployment': 'only' });
    expect(answer.status).toBe(408);
  }, 600_000);

  it('answers 429 above twice the concurrency of all instances', async () => {
    await lab.deployAll('busy', ['only'], { requestSettings: { requestTimeout: 'PT30S' } });
    const ask = () => lab.score('busy', { sleep: 0.3 }, { 'azureml-model-deployment': 'only' });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
  }, 600_000);
});
