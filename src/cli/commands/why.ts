import { type ExitCode, exitCodes } from '../failures.js';
import { type Io, say } from '../io.js';
import { withTemporal } from '../temporal.js';
import { statusOf } from './status.js';

export async function why(io: Io, text: string | undefined): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    const { id, status } = await statusOf(temporal, text);
    say(io, `${id}: ${status.why}`);
    return exitCodes.ok;
  });
}
