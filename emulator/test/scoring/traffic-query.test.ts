import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORKSPACE, put } from '../support/deployments.js';
import { startScoringLab } from './lab.js';
import type { QueryAnswer, ScoringLab } from './lab.js';

let lab: ScoringLab;

beforeAll(async () => {
  lab = await startScoringLab();
}, 600_000);
afterAll(() => lab.stop());

describe('traffic log query', () => {
  beforeAll(async () => {
    await lab.deployAll('colors', ['blue']);
  }, 600_000);

  it('answers with the rows and columns that are asked for', async () => {
    const from = new Date().toISOString();
    await lab.score('colors', {}, { 'azureml-model-deployment': 'blue' });
    await lab.score('colors', { fail: 500 }, { 'azureml-model-deployment': 'blue' });
    const to = new Date(Date.now() + 1000).toISOString();
    const answer = (await (
      await lab.query(`AmlOnlineEndpointTrafficLog
        | where TimeGenerated between (datetime(${from}) .. datetime(${to}))
        | where EndpointName == "colors" | where DeploymentName == 'blue'
        | project TimeGenerated, ResponseCode, ModelStatusCode, TotalDurationMs
        | order by TimeGenerated asc | take 10`)
    ).json()) as QueryAnswer;
    const [table] = answer.tables;
    expect(table).toMatchObject({
      name: 'PrimaryResult',
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'ResponseCode', type: 'int' },
        { name: 'ModelStatusCode', type: 'int' },
        { name: 'TotalDurationMs', type: 'int' },
      ],
    });
    expect(table?.rows.map(([, code, model]) => [code, model])).toEqual([
      [200, 200],
      [424, 500],
    ]);
  });

  it('summarizes', async () => {
    const ask = async (text: string) =>
      ((await (await lab.query(text)).json()) as QueryAnswer).tables[0] ?? { columns: [], rows: [] };
    const { columns, rows } = await ask(
      'AmlOnlineEndpointTrafficLog | summarize requests = count(), last = max(TimeGenerated) by ResponseCode | order by ResponseCode asc',
    );
    expect(columns).toEqual([
      { name: 'ResponseCode', type: 'int' },
      { name: 'requests', type: 'long' },
      { name: 'last', type: 'datetime' },
    ]);
    expect(rows.map(([code, requests]) => [code, requests])).toEqual([
      [200, 1],
      [424, 1],
    ]);
    const none = await ask('AmlOnlineEndpointTrafficLog | where ResponseCode == 1 | summarize count()');
    expect(none.rows).toEqual([[0]]);
  });

  it('reads only what diagnostic settings send to a Log Analytics workspace', async () => {
    const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/logs';
    put(lab.services.ctx, id, { customerId: 'logs-guid' });
    const ask = async () => {
      const answer = await lab.query('AmlOnlineEndpointTrafficLog | count', 'logs-guid');
      return ((await answer.json()) as QueryAnswer).tables[0]?.rows[0]?.[0];
    };
    expect(await ask()).toBe(0);
    put(lab.services.ctx, `${WORKSPACE}/providers/Microsoft.Insights/diagnosticSettings/traffic`, {
      workspaceId: id,
      logs: [{ category: 'AmlOnlineEndpointTrafficLog', enabled: true }],
    });
    expect(await ask()).toBe(2);
  });

  it.each([
    'AmlOnlineEndpointTrafficLog | summarize avg(TotalDurationMs)',
    'Heartbeat | take 1',
    'AmlOnlineEndpointTrafficLog | where Nope == 1',
  ])('refuses %s and says what it understands', async (text) => {
    const answer = await lab.query(text);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: {
        code: 'BadArgumentError',
        innererror: { code: 'SyntaxError', message: expect.stringContaining('Understood: ') as string },
      },
    });
  });
});
