import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { updateProperties } from '../../src/resources.js';
import { putDeployment, putEndpoint } from '../support/deployments.js';
import { color, startScoringLab } from './lab.js';
import type { ScoringLab } from './lab.js';

let lab: ScoringLab;

beforeAll(async () => {
  lab = await startScoringLab();
}, 600_000);
afterAll(() => lab.stop());

describe('deploy', () => {
  it('rejects with the end of the log when init() fails, and keeps what ran before', async () => {
    const endpointId = await lab.deployAll('broken', ['blue']);
    const id = putDeployment(
      lab.services.ctx,
      endpointId,
      'blue',
      lab.codeId,
      color('blue', { BROKEN: '1' }),
    );
    await expect(lab.scoring.deploy(id)).rejects.toMatchObject({
      code: 'ResourceNotReady',
      message: expect.stringContaining('the model file is missing') as string,
    });
    expect(await lab.scoring.logs(id, 50)).toContain('RuntimeError: the model file is missing');
    const answer = await lab.score('broken', {}, { 'azureml-model-deployment': 'blue' });
    expect(await answer.json()).toEqual(['blue']);
    await lab.scoring.remove(id);
    expect((await lab.score('broken', {}, { 'azureml-model-deployment': 'blue' })).status).toBe(404);
  }, 600_000);

  it('names the files that it found when the scoring script is missing', async () => {
    const endpointId = putEndpoint(lab.services.ctx, 'missing', {});
    const id = putDeployment(lab.services.ctx, endpointId, 'blue', lab.codeId, {
      codeConfiguration: { codeId: lab.codeId, scoringScript: 'other.py' },
    });
    await expect(lab.scoring.deploy(id)).rejects.toMatchObject({
      code: 'BadArgument',
      message: expect.stringContaining('Found: score.py') as string,
    });
  });
});

describe('recover', () => {
  it('serves what was deployed before the emulator ended, with its log and traffic', async () => {
    const endpointId = await lab.deployAll('colors', ['blue']);
    updateProperties(lab.services.ctx.store, endpointId, { traffic: { blue: 100 } });
    await lab.score('colors', {});
    await lab.services.restart();
    expect((await lab.score('colors', {})).status).toBe(404);
    await lab.scoring.recover();
    expect(await (await lab.score('colors', {})).json()).toEqual(['blue']);
    expect(await lab.scoring.logs(`${endpointId}/deployments/blue`, 10)).toContain('POST /score 200');
    const countOf = 'AmlOnlineEndpointTrafficLog | where EndpointName == "colors" | count';
    expect(await lab.rowsOf(countOf)).toEqual([[3]]);
  }, 600_000);

  it('serves the version before the one that failed', async () => {
    const endpointId = await lab.deployAll('half', ['blue']);
    const id = `${endpointId}/deployments/blue`;
    const broken = { ...color('green', { BROKEN: '1' }), provisioningState: 'Updating' };
    updateProperties(lab.services.ctx.store, id, broken);
    await expect(lab.scoring.deploy(id)).rejects.toMatchObject({ code: 'ResourceNotReady' });
    updateProperties(lab.services.ctx.store, id, { provisioningState: 'Failed' });
    await lab.services.restart();
    await lab.scoring.recover();
    const answer = await lab.score('half', {}, { 'azureml-model-deployment': 'blue' });
    expect(await answer.json()).toEqual(['blue']);
  }, 600_000);
});
