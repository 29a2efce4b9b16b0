import { messages } from '../../workflows/messages.js';
import { inputOf, startAgain } from '../again.js';
import { type ExitCode, exitCodes, failed } from '../failures.js';
import { type Io, say } from '../io.js';
import { findLifecycle } from '../lifecycles.js';
import { readLifecycle } from '../reading.js';
import { type Temporal, withTemporal } from '../temporal.js';
import { sayStarted } from './start.js';
import { watchUntilEnd } from './watch.js';

export interface RetryOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** One that is blocked looks again at once; of one that has ended a new one is started. */
export async function retry(io: Io, text: string, options: RetryOptions): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    const id = await findLifecycle(temporal, text);
    const reading = await readLifecycle(temporal.client, id);
    if (reading.kind === 'closed') return await again(io, temporal, id, options);
    if (reading.kind === 'running' && reading.status.blocked === undefined) {
      throw failed(`${id} is not blocked, so there is nothing to retry. ${reading.status.why}`);
    }
    await temporal.client.workflow.getHandle(id).signal(messages.retry);
    if (options.watch === true) return await watchUntilEnd(io, temporal, id, options);
    say(io, `told ${id} to look again`);
    return exitCodes.ok;
  });
}

/** A release stays one: what a person asked for by name keeps its place outside the order of commits. */
async function again(io: Io, temporal: Temporal, id: string, options: RetryOptions): Promise<ExitCode> {
  const found = await inputOf(temporal, id);
  const started = await startAgain(temporal, found.input.release === undefined ? 'retry' : 'release', found);
  return await sayStarted(io, temporal, started, options);
}
