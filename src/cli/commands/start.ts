import { type ReachName, reachesFurther } from '../../domain/reach.js';
import type { StartMemo } from '../../temporal/start-lifecycle.js';
import { startLifecycle, type Started, type StartRequest } from '../../temporal/start-lifecycle.js';
import { badInput, type ExitCode, exitCodes } from '../failures.js';
import { type Io, say, sayJson, warn } from '../io.js';
import { sourceOf, type SourceOptions } from '../source.js';
import { type Temporal, withTemporal } from '../temporal.js';
import { watchUntilEnd } from './watch.js';

export interface StartOptions extends SourceOptions {
  readonly reach?: ReachName;
  readonly by?: string;
  readonly taskQueue?: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export async function start(io: Io, options: StartOptions): Promise<ExitCode> {
  const { reach, by: startedBy } = options;
  if (options.source !== undefined && reach === 'production') {
    throw badInput(
      '--source trains an uncommitted tree and goes no further; push a commit to release a model',
    );
  }
  const source = await sourceOf(io, options);
  return await withTemporal(io, async (temporal) => {
    const started = await startAsFar(temporal, {
      ...source,
      trigger: 'push',
      taskQueue: options.taskQueue ?? temporal.settings.MLOPS_TASK_QUEUES[0] ?? 'mlops',
      ...(reach !== undefined && { reach }),
      ...(startedBy !== undefined && { startedBy }),
    });
    return await sayStarted(io, temporal, started, options);
  });
}

/**
 * A commit has one lifecycle. Only when that was not to go as far (a plan, now to be carried out) a longer one is
 * started, under an id of its own, as the Action does.
 */
async function startAsFar(temporal: Temporal, request: StartRequest): Promise<Started> {
  const first = await startLifecycle(temporal.client, request);
  if (first.outcome === 'started') return first;
  const { memo } = await temporal.client.workflow.getHandle(first.workflowId).describe();
  const reach = request.reach ?? 'production';
  const reached = (memo as Partial<StartMemo> | undefined)?.reach ?? 'production';
  if (!reachesFurther(reach, reached)) return first;
  return await startLifecycle(temporal.client, { ...request, trigger: `retry/${reach}` });
}

/** Says what was started, and follows it if asked to. */
export async function sayStarted(
  io: Io,
  temporal: Temporal,
  { workflowId, outcome, warning }: Started,
  { watch, json }: { readonly watch?: boolean; readonly json?: boolean },
): Promise<ExitCode> {
  if (warning !== undefined) warn(io, `note: ${warning}`);
  if (watch === true) {
    if (outcome === 'already started') warn(io, `${workflowId} was started before`);
    return await watchUntilEnd(io, temporal, workflowId, { ...(json !== undefined && { json }) });
  }
  const link = temporal.link(workflowId);
  if (json === true) sayJson(io, { workflowId, outcome, link });
  else {
    say(io, `${outcome === 'started' ? 'started' : 'was started before:'} ${workflowId}`);
    if (link !== undefined) say(io, link);
  }
  return exitCodes.ok;
}
