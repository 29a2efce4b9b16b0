import { userInfo } from 'node:os';
import type { SteeringPayload } from '../../workflows/messages.js';
import { findEndpoint } from '../endpoints.js';
import { type ExitCode, exitCodes } from '../failures.js';
import { type Io, say } from '../io.js';
import { withTemporal } from '../temporal.js';

export interface SteerOptions {
  readonly workspace?: string;
  readonly reason?: string;
  readonly by?: string;
}

const told = {
  hold: 'is held: no new step until `mlops resume`',
  resume: 'goes on',
} as const;

export async function hold(io: Io, name: string, options: SteerOptions): Promise<ExitCode> {
  return await steer(io, 'hold', name, options);
}

export async function resume(io: Io, name: string, options: SteerOptions): Promise<ExitCode> {
  return await steer(io, 'resume', name, options);
}

async function steer(
  io: Io,
  signal: keyof typeof told,
  name: string,
  options: SteerOptions,
): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    const { id, status } = await findEndpoint(temporal, name, options.workspace);
    await temporal.client.workflow.getHandle(id).signal(signal, steering(options));
    say(io, `${status.endpoint} in ${status.workspace} ${told[signal]}`);
    return exitCodes.ok;
  });
}

/** Who and why, for the endpoint's log; it names nobody for certain. */
export function steering({ reason, by }: Pick<SteerOptions, 'reason' | 'by'>): SteeringPayload {
  return { by: by ?? userInfo().username, ...(reason !== undefined && { reason }) };
}
