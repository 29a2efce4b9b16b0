import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { EndpointStatus } from '../../src/workflows/messages.js';
import { messages } from '../../src/workflows/messages.js';
import { generate } from '../local/data.js';
import type { Machine } from '../local/machine.js';
import { lookNow } from '../local/monitoring.js';
import { readReport } from './reports.js';
import * as say from './say.js';
import { type Caller, sendTable } from '../local/traffic.js';

const rows = 1_500;
const rowsPerRequest = 50;
const collectorFlushMs = 3_000;
const lookMs = 500;
const patienceMs = 120_000;

/** Older patients start to come: the schedule's look finds the drift, and the endpoint's owner retrains. */
export async function drift(machine: Machine, caller: Caller): Promise<void> {
  say.title('Drift: older and heavier patients than the model was trained on');
  const table = join(machine.folder, 'shifted.csv');
  await generate(table, rows, { seed: 99, shift: 'all' });
  say.line(`${await sendTable(caller, table, rowsPerRequest)} shifted rows were scored`);
  await pause(collectorFlushMs);

  const result = await lookNow(machine.client);
  say.line(`the monitoring schedule ran: ${result.verdict}: ${result.summary}`);
  if (result.report !== undefined) {
    const file = join(machine.folder, 'reports', 'drift.html');
    await writeFile(file, await readReport(machine.addresses, 'prod', result.report));
    say.fact('report', file);
  }
  if (result.verdict !== 'breach') throw new Error(`shifted traffic was judged ${result.verdict}`);
  say.line(await ownersAnswer(machine));
}

/** What the endpoint's owner did about the breach. */
async function ownersAnswer({ client }: Machine): Promise<string> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = 'endpoint'` })) {
      const status = await client.workflow.getHandle(workflowId).query<EndpointStatus>(messages.status);
      const event = status.events.findLast(({ what }) => what.includes('retraining started'));
      if (event !== undefined) return event.what;
    }
    await pause(lookMs);
  }
  throw new Error('drift was found, but no retraining was started');
}
