import type { RunContext } from './context.js';
import type { GitHubReader } from './github.js';
import type { Inputs } from './inputs.js';
import type { Connected } from './temporal.js';
import { uiBase, workflowLink } from '../../src/temporal/links.js';
import { planStarts } from './plan.js';
import { sendSignal, signalOfComment, type SignalRequest } from './signal.js';
import { startPushed } from './start.js';

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

/** Does what the event (or `command`) asks for; nothing to do is a result too, without a connection. */
export async function run(inputs: Inputs, context: RunContext, deps: Dependencies): Promise<Result> {
  const signalling =
    inputs.command === 'signal' ||
    (inputs.command === 'auto' && (inputs.signal !== undefined || context.event === 'issue_comment'));
  return signalling ? signal(inputs, context, deps) : start(inputs, context, deps);
}

async function start(inputs: Inputs, context: RunContext, deps: Dependencies): Promise<Result> {
  const { requests, skipped, notes } = await planStarts(inputs, context, deps.github);
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
  } finally {
    await temporal.close();
  }
}

async function signal(inputs: Inputs, context: RunContext, deps: Dependencies): Promise<Result> {
  const request =
    inputs.signal === undefined ? await signalOfComment(context, deps.github) : byHand(inputs, context);
  if (request === undefined) return { outcomes: [], warnings: [] };
  const temporal = await deps.connect();
  try {
    await sendSignal(temporal.client, request);
    return {
      outcomes: [{ subject: request.name, result: 'sent', ...located(inputs, temporal, request.workflowId) }],
      warnings: [],
    };
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
