import { setTimeout as pause } from 'node:timers/promises';
import type { LifecycleStatus } from '../../src/workflows/messages.js';
import { messages } from '../../src/workflows/messages.js';
import type { Machine } from '../local/machine.js';
import * as say from './say.js';

const lookMs = 200;

/** Kills the worker once `when` holds, and starts it again. */
export async function crashWhen(
  machine: Machine,
  workflowId: string,
  when: (status: LifecycleStatus) => boolean,
  what: string,
): Promise<void> {
  const handle = machine.client.workflow.getHandle(workflowId);
  for (;;) {
    const status = await handle.query<LifecycleStatus>(messages.status).catch(() => undefined);
    if (status?.verdict !== undefined) return;
    if (status !== undefined && when(status)) break;
    await pause(lookMs);
  }
  await machine.killWorker();
  say.line(`⚡ the worker was killed (SIGKILL) in the middle of ${what}; nothing runs it now`);
  await pause(1_500);
  await machine.startWorker();
  say.line('⚡ a new worker has taken over');
}

/** Jobs that Azure ML was asked to make for a lifecycle: more PUTs of a job than names means that work was done twice. */
export async function jobRequests(emulator: string): Promise<{ jobs: number; puts: number }> {
  const response = await fetch(`${emulator}/_emulator/requests?since=0`);
  const { value } = (await response.json()) as { value: { method: string; path: string }[] };
  const puts = value.filter(({ method, path }) => method === 'PUT' && /\/jobs\/[^/]+$/.test(path));
  return { jobs: new Set(puts.map(({ path }) => path)).size, puts: puts.length };
}
