import { type ExitCode, exitCodes, failed } from '../failures.js';
import { type Io, say } from '../io.js';
import { findLifecycle } from '../lifecycles.js';
import { openInBrowser } from '../browser.js';
import { withTemporal } from '../temporal.js';

export interface OpenOptions {
  readonly print?: boolean;
}

export async function open(io: Io, text: string | undefined, { print }: OpenOptions): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    const link = temporal.link(await findLifecycle(temporal, text));
    if (link === undefined) {
      throw failed(
        `where the Temporal UI of ${temporal.address} is cannot be told; set MLOPS_TEMPORAL_UI_URL`,
      );
    }
    say(io, link);
    if (io.tty && print !== true) openInBrowser(link);
    return exitCodes.ok;
  });
}
