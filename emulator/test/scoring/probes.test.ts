import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putDeployment, putEndpoint } from '../support/deployments.js';
import { color, startScoringLab } from './lab.js';
import type { ScoringLab } from './lab.js';

let lab: ScoringLab;

beforeAll(async () => {
  lab = await startScoringLab();
}, 600_000);
afterAll(() => lab.stop());

const probe = (failureThreshold: number) => ({ period: 'PT0.5S', timeout: 'PT0.5S', failureThreshold });

describe('probes', () => {
  it('send no requests to an instance that is not ready, and start one again that does not live', async () => {
    const endpointId = await lab.deployAll(
      'probed',
      ['blue'],
      {
        readinessProbe: probe(1),
        livenessProbe: { ...probe(8), initialDelay: 'PT20S' },
        requestSettings: { requestTimeout: 'PT3M' },
      },
      2,
    );
    const deployed = `${endpointId}/deployments/blue`;
    putEndpoint(lab.services.ctx, 'probed', { traffic: { blue: 100 } });
    const logged = () => lab.scoring.logs(deployed, 200);
    const frozen = lab.score('probed', { freeze: true });
    await expect.poll(logged, { timeout: 10_000 }).toContain('is not ready and gets no requests');
    for (let at = 0; at < 5; at += 1) expect(await (await lab.score('probed', {})).json()).toEqual(['blue']);
    const lost = await frozen;
    expect(lost.status, await logged()).toBe(424);
    expect(lost.headers.get('ms-azureml-model-error-statuscode')).toBe('502');
    expect(await logged()).toContain('failed its liveness probe 8 times');
    // Both stand again: two slow requests run side by side.
    const slow = async () => {
      const since = performance.now();
      const answers = await Promise.all([1, 2].map(() => lab.score('probed', { sleep: 1 })));
      return answers.every(({ ok }) => ok) && performance.now() - since < 1800;
    };
    await expect.poll(slow, { timeout: 30_000 }).toBe(true);
  }, 600_000);

  it('fail a deployment whose instances are not ready in the time that its probes allow', async () => {
    const endpointId = putEndpoint(lab.services.ctx, 'slow', {});
    const id = putDeployment(lab.services.ctx, endpointId, 'blue', lab.codeId, {
      ...color('blue'),
      readinessProbe: { ...probe(1), period: 'PT0.01S' },
      livenessProbe: { ...probe(1), period: 'PT0.01S' },
    });
    await expect(lab.scoring.deploy(id)).rejects.toMatchObject({
      code: 'ResourceNotReady',
      message: expect.stringContaining('did not answer within 0.01 s') as string,
    });
  }, 600_000);
});

describe('request settings', () => {
  it('send an instance as many requests at once as it may have; the others wait', async () => {
    await lab.deployAll('queued', ['only'], {
      requestSettings: { requestTimeout: 'PT10S', maxConcurrentRequestsPerInstance: 1 },
    });
    const ask = () => lab.score('queued', { sleep: 6 }, { 'azureml-model-deployment': 'only' });
    // The second one waits 6 s of its 10 for the first: its timeout strikes while the model works.
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 408, 429]);
  }, 600_000);

  it('answer 503 on Kubernetes after the longest wait in line', async () => {
    await lab.deployAll('kubernetes', ['only'], {
      endpointComputeType: 'Kubernetes',
      requestSettings: { requestTimeout: 'PT10S', maxQueueWait: 'PT0.1S' },
    });
    const ask = () => lab.score('kubernetes', { sleep: 1 }, { 'azureml-model-deployment': 'only' });
    const answers = await Promise.all([ask(), ask()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 503]);
  }, 600_000);

  it('refuse timeouts that Azure refuses', async () => {
    const endpointId = putEndpoint(lab.services.ctx, 'patient', {});
    const id = putDeployment(lab.services.ctx, endpointId, 'blue', lab.codeId, {
      requestSettings: { requestTimeout: 'PT4M' },
    });
    await expect(lab.scoring.deploy(id)).rejects.toMatchObject({
      code: 'BadArgument',
      message: expect.stringContaining('180 s') as string,
    });
  });
});

describe('changes under load', () => {
  it('fail no request while a deployment is replaced and while traffic swaps', async () => {
    const endpointId = await lab.deployAll('loaded', ['blue', 'green'], {
      requestSettings: { maxConcurrentRequestsPerInstance: 4, requestTimeout: 'PT30S' },
    });
    putEndpoint(lab.services.ctx, 'loaded', { traffic: { blue: 100 } });
    const seen = new Map<string, number>();
    let running = true;
    const client = async () => {
      while (running) {
        const answer = await lab.score('loaded', {});
        const told = answer.ok ? String(((await answer.json()) as string[])[0]) : `${answer.status}`;
        seen.set(told, (seen.get(told) ?? 0) + 1);
      }
    };
    const clients = [client(), client(), client()];
    const id = putDeployment(lab.services.ctx, endpointId, 'blue', lab.codeId, {
      ...color('blue 2'),
      requestSettings: { maxConcurrentRequestsPerInstance: 4, requestTimeout: 'PT30S' },
    });
    await lab.scoring.deploy(id);
    await expect.poll(() => seen.has('blue 2'), { timeout: 10_000 }).toBe(true);
    putEndpoint(lab.services.ctx, 'loaded', { traffic: { green: 100 } });
    await expect.poll(() => seen.has('green'), { timeout: 10_000 }).toBe(true);
    await lab.scoring.remove(id);
    running = false;
    await Promise.all(clients);
    expect([...seen.keys()].sort()).toEqual(['blue', 'blue 2', 'green']);
  }, 600_000);
});
