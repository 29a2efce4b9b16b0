import { WorkflowNotFoundError } from '@temporalio/client';
import type { LifecycleStatus } from '../../workflows/messages.js';
import { type ExitCode, exitCodes, unreachable } from '../failures.js';
import { type Io, say, sayJson } from '../io.js';
import { findLifecycle } from '../lifecycles.js';
import { keyOf } from '../lifecycle-ids.js';
import { readLifecycle } from '../reading.js';
import { lifecycleText } from '../show-lifecycle.js';
import { type Temporal, withTemporal } from '../temporal.js';
import { exitCodeOf } from '../verdict.js';

export interface StatusOptions {
  readonly json?: boolean;
  readonly exitCode?: boolean;
}

export async function status(io: Io, text: string | undefined, options: StatusOptions): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    const { id, status: found } = await statusOf(temporal, text);
    if (options.json === true) sayJson(io, { id, ...found });
    else say(io, lifecycleText(id, found, temporal.link(id)));
    return options.exitCode === true ? exitCodeOf(found) : exitCodes.ok;
  });
}

/**
 * Status of the lifecycle that somebody means: from its workflow, or from the record that it left in Blob when
 * Temporal no longer knows it.
 */
export async function statusOf(
  temporal: Temporal,
  text: string | undefined,
): Promise<{ readonly id: string; readonly status: LifecycleStatus }> {
  const known = await findLifecycle(temporal, text).catch(async (error: unknown) => {
    const recorded = text === undefined ? undefined : await fromRecord(temporal, text);
    if (recorded === undefined) throw error;
    return { id: text ?? '', status: recorded };
  });
  return typeof known === 'string' ? { id: known, status: await ask(temporal, known) } : known;
}

async function ask(temporal: Temporal, id: string): Promise<LifecycleStatus> {
  try {
    const reading = await readLifecycle(temporal.client, id);
    if (reading.kind !== 'silent') return reading.status;
    throw unreachable(
      `${id} runs, but no worker answers for it: ${reading.reason}\nStart a worker that serves its task queue (MLOPS_TASK_QUEUES); the lifecycle goes on where it stood.`,
    );
  } catch (error) {
    const recorded = error instanceof WorkflowNotFoundError ? await fromRecord(temporal, id) : undefined;
    if (recorded === undefined) throw error;
    return recorded;
  }
}

/** Only a whole id says where the record lies, and only settings for Azure let it be read. */
async function fromRecord({ settings }: Temporal, id: string): Promise<LifecycleStatus | undefined> {
  const reachable = settings.MLOPS_POLICY !== undefined || settings.MLOPS_AZURE_URL !== undefined;
  if (keyOf(id) === undefined || !reachable) return undefined;
  const { recordedLifecycle } = await import('../recorded-lifecycle.js');
  return await recordedLifecycle(settings, id);
}
