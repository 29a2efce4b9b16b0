import { WorkflowNotFoundError } from '@temporalio/client';
import { type ExitCode, exitCodes, failed } from '../failures.js';
import { type Io, say } from '../io.js';
import { findLifecycle } from '../lifecycles.js';
import { type Temporal, withTemporal } from '../temporal.js';
import { watchUntilEnd } from './watch.js';

export interface CancelOptions {
  readonly watch?: boolean;
}

export async function cancel(io: Io, text: string, options: CancelOptions): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    const id = await findLifecycle(temporal, text);
    await ask(temporal, id);
    say(io, `asked ${id} to stop: it cancels its jobs and puts the traffic back before it ends`);
    if (options.watch !== true) return exitCodes.ok;
    await watchUntilEnd(io, temporal, id, {});
    return exitCodes.ok;
  });
}

async function ask({ client }: Temporal, id: string): Promise<void> {
  const handle = client.workflow.getHandle(id);
  const { status } = await handle.describe();
  const ended = failed(`${id} has ended already (${status.name.toLowerCase()}); nothing to cancel`);
  if (status.name !== 'RUNNING') throw ended;
  try {
    await handle.cancel();
  } catch (error) {
    throw error instanceof WorkflowNotFoundError ? ended : error;
  }
}
