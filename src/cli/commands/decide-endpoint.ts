import type { Answer } from '../../domain/approval.js';
import { evidenceLines } from '../approval-text.js';
import { findEndpoint, readOwner } from '../endpoints.js';
import { CliError, type ExitCode, exitCodes, failed } from '../failures.js';
import { type Io, say } from '../io.js';
import type { Temporal } from '../temporal.js';
import { untilSeen } from '../until-seen.js';
import type { DecideOptions } from './decide.js';
import { steering } from './steer.js';

/** Answers what an endpoint's owner asks: whether a steering message may do what nobody has approved yet. */
export async function decideForEndpoint(
  io: Io,
  temporal: Temporal,
  answer: Answer,
  id: string,
  options: DecideOptions,
): Promise<ExitCode> {
  const { status } = await findEndpoint(temporal, id);
  const { approval, endpoint } = status;
  if (approval === undefined || (options.code !== undefined && options.code !== approval.code))
    throw failed(`${endpoint} asks nothing${options.code === undefined ? '' : ` about ${options.code}`} now`);
  say(io, evidenceLines(approval.evidence));
  await temporal.client.workflow.getHandle(id).signal(approval[answer], steering(options));
  const after = await untilSeen(temporal.pollMs, async () => {
    const { status: now } = await readOwner(temporal, id);
    return now.approval?.code === approval.code && now.approval.approvals.length === approval.approvals.length
      ? undefined
      : now;
  });
  if (after === undefined) {
    throw new CliError(
      `the answer was sent and has not counted yet; see \`mlops endpoint ${endpoint}\``,
      exitCodes.waiting,
    );
  }
  say(io, after.events.at(-1)?.what ?? '');
  return exitCodes.ok;
}
