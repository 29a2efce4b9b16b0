import { userInfo } from 'node:os';
import { type SteeringAction, steeringDone } from '../../domain/steering.js';
import type { EndpointStatus, SteeringPayload } from '../../workflows/messages.js';
import { approvalLines } from '../approval-text.js';
import { type EndpointOwner, findEndpoint, readOwner } from '../endpoints.js';
import { badInput, CliError, type ExitCode, exitCodes } from '../failures.js';
import { type Io, say, warn } from '../io.js';
import { type Temporal, withTemporal } from '../temporal.js';
import { untilSeen } from '../until-seen.js';

export interface SteerOptions {
  readonly workspace?: string;
  readonly reason?: string;
  readonly by?: string;
}

type Command = (io: Io, name: string, options: SteerOptions) => Promise<ExitCode>;

const command =
  (action: SteeringAction): Command =>
  (io, name, options) =>
    steer(io, action, name, options);

export const hold = command('hold');
export const resume = command('resume');
export const pause = command('pause');
export const abort = command('abort');
export const skip = command('skip');

export async function jump(io: Io, name: string, release: string, options: SteerOptions): Promise<ExitCode> {
  return await steer(io, 'queue_jump', name, options, { release });
}

/** @param texts `30:10m`, `mirror:10:5m`; none: everything at once */
export async function replan(
  io: Io,
  name: string,
  texts: string[],
  options: SteerOptions,
): Promise<ExitCode> {
  return await steer(io, 'plan', name, options, { steps: texts.map(stepOf) });
}

function stepOf(text: string): object {
  const [, kind = 'traffic', percent, time] =
    /^(?:(mirror|traffic):)?(\d+)%?:([\d.]+(?:ms|s|m|h|d|w))$/.exec(text) ?? [];
  if (percent === undefined)
    throw badInput(`${text} is no step; write PERCENT:TIME such as 30:10m, or mirror:10:5m`);
  return { [kind]: Number(percent), for: time };
}

async function steer(
  io: Io,
  action: SteeringAction,
  name: string,
  options: SteerOptions,
  more: object = {},
): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    const owner = await findEndpoint(temporal, name, options.workspace);
    await temporal.client.workflow
      .getHandle(owner.id)
      .signal(action, { ...steering(options), ...more } satisfies SteeringPayload);
    return await judged(io, temporal, action, owner);
  });
}

/** Who and why, for the endpoint's log; it names nobody for certain. */
export function steering({ reason, by }: Pick<SteerOptions, 'reason' | 'by'>): SteeringPayload {
  return { by: by ?? userInfo().username, ...(reason !== undefined && { reason }) };
}

/** Waits until the owner has proven who asks: a signal that was sent may still be refused. */
export async function judged(
  io: Io,
  temporal: Temporal,
  action: SteeringAction,
  { id, status: before }: EndpointOwner,
): Promise<ExitCode> {
  const seen = await untilSeen(temporal.pollMs, async () =>
    answerIn(before, await readOwner(temporal, id), action),
  );
  if (seen === undefined) {
    throw new CliError(
      `${action} was sent but is not judged yet; see \`mlops endpoint ${before.endpoint}\``,
      exitCodes.waiting,
    );
  }
  if (seen.kind === 'asked') {
    say(io, approvalLines(seen.approval, id));
    return exitCodes.waiting;
  }
  if (seen.kind === 'refused') warn(io, seen.what);
  else say(io, `${before.endpoint} in ${before.workspace}: ${seen.what}`);
  return seen.kind === 'refused' ? exitCodes.failed : exitCodes.ok;
}

type Seen =
  | { readonly kind: 'done' | 'refused'; readonly what: string }
  | { readonly kind: 'asked'; readonly approval: NonNullable<EndpointStatus['approval']> };

function answerIn(
  before: EndpointStatus,
  { status }: EndpointOwner,
  action: SteeringAction,
): Seen | undefined {
  const known = new Set(before.events.map(({ at, what }) => `${at} ${what}`));
  const fresh = status.events.flatMap(({ at, what }) => (known.has(`${at} ${what}`) ? [] : [what]));
  const refused = fresh.find(
    (what) => what.startsWith(`refused ${action}`) || what.startsWith(`${action} could not`),
  );
  if (refused !== undefined) return { kind: 'refused', what: refused };
  const done = fresh.find((what) => what.startsWith(steeringDone[action]));
  if (done !== undefined) return { kind: 'done', what: done };
  const { approval } = status;
  return approval === undefined || approval.code === before.approval?.code
    ? undefined
    : { kind: 'asked', approval };
}
