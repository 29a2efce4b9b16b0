import type { RunContext } from './context.js';
import type { GitHubReader } from './github.js';
import type { Inputs } from './inputs.js';
import type { Connected } from './temporal.js';
import { uiBase, workflowLink } from '../../src/temporal/links.js';
import { planStarts, planTraining, type StartPlan } from './plan.js';
import { sendSignal, signalOf, type SignalRequest } from './signal.js';
import { lifecyclesOf, statusOf } from './status.js';
import { startPushed } from '../../src/temporal/start-pushed.js';

/** One row of the summary. */
export interface Outcome {
  /** Project, or what was signalled. */
  readonly subject: string;
  readonly workflowId?: string;
  readonly link?: string;
  readonly result: string;
}

export interface Result {
  readonly outcomes: readonly Outcome[];
  readonly warnings: readonly string[];
}

export interface Dependencies {
  readonly connect: () => Promise<Connected>;
  readonly github?: GitHubReader;
}

const comments = new Set(['issue_comment', 'pull_request_review']);

/** Does what the event (or `operation`) asks for; nothing to do is a result too, without a connection. */
export async function run(inputs: Inputs, context: RunContext, deps: Dependencies): Promise<Result> {
  switch (operationOf(inputs, context)) {
    case 'status':
      return await status(inputs, context, deps);
    case 'signal':
      return await signal(inputs, context, deps);
    case 'approve-comment': {
      const training = await planTraining(inputs, context, deps.github);
      return training === undefined ? signal(inputs, context, deps) : start(inputs, deps, training);
    }
    case 'start':
      return await start(inputs, deps, await planStarts(inputs, context, deps.github));
  }
}

function operationOf(
  { operation, signal: name }: Inputs,
  { event }: RunContext,
): Exclude<Inputs['operation'], 'auto'> {
  if (operation !== 'auto') return operation;
  if (name !== undefined) return 'signal';
  return comments.has(event) ? 'approve-comment' : 'start';
}

async function start(inputs: Inputs, deps: Dependencies, plan: StartPlan): Promise<Result> {
  const { requests, skipped, notes } = plan;
  if (requests.length === 0) return { outcomes: skipped, warnings: notes };
  const temporal = await deps.connect();
  try {
    const started = await Promise.all(requests.map((request) => startPushed(temporal.client, request)));
    const outcomes = started.map(({ workflowId, outcome }, index) => ({
      subject: requests[index]?.project ?? '',
      result: `${outcome} (${requests[index]?.reach ?? ''})`,
      ...located(inputs, temporal, workflowId),
    }));
    const warnings = new Set(started.flatMap(({ warning }) => (warning === undefined ? [] : [warning])));
    return { outcomes: [...outcomes, ...skipped], warnings: [...notes, ...warnings] };
  } catch (error) {
    throw temporal.explained(error);
  } finally {
    await temporal.close();
  }
}

/** How the lifecycles of this commit, or the workflow of the inputs, stand. Starts and sends nothing. */
async function status(inputs: Inputs, context: RunContext, deps: Dependencies): Promise<Result> {
  const ids =
    inputs.workflowId === undefined
      ? await lifecyclesOf(inputs, context)
      : [{ subject: inputs.workflowId, workflowId: inputs.workflowId }];
  const temporal = await deps.connect();
  try {
    const outcomes = await Promise.all(
      ids.map(async ({ subject, workflowId }) => ({
        subject,
        result: await statusOf(temporal.client, workflowId),
        ...located(inputs, temporal, workflowId),
      })),
    );
    return { outcomes, warnings: [] };
  } catch (error) {
    throw temporal.explained(error);
  } finally {
    await temporal.close();
  }
}

async function signal(inputs: Inputs, context: RunContext, deps: Dependencies): Promise<Result> {
  const request =
    inputs.signal === undefined ? await signalOf(context, deps.github) : byHand(inputs, context);
  if (request === undefined) return { outcomes: [], warnings: [] };
  const temporal = await deps.connect();
  try {
    await sendSignal(temporal.client, request);
    return {
      outcomes: [{ subject: request.name, result: 'sent', ...located(inputs, temporal, request.workflowId) }],
      warnings: [],
    };
  } catch (error) {
    throw temporal.explained(error);
  } finally {
    await temporal.close();
  }
}

function byHand({ signal: name = '', workflowId = '', reason }: Inputs, context: RunContext): SignalRequest {
  const payload = {
    ...(reason !== undefined && { reason }),
    ...(context.actor !== undefined && { by: context.actor }),
  };
  const bare = name === 'retry' || name === 'cancel';
  return { workflowId, name, ...(!bare && { payload }) };
}

function located(
  inputs: Inputs,
  { address, namespace }: Connected,
  workflowId: string,
): Pick<Outcome, 'workflowId' | 'link'> {
  const base = uiBase(inputs.ui, address);
  return { workflowId, ...(base !== undefined && { link: workflowLink(base, namespace, workflowId) }) };
}
