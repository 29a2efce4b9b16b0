import type { ExitCode } from '../failures.js';
import { type Io, say, sayJson } from '../io.js';
import { findLifecycle } from '../lifecycles.js';
import { followLifecycle } from '../progress.js';
import { stateOf } from '../show-lifecycle.js';
import { type Temporal, withTemporal } from '../temporal.js';
import { exitCodeOf } from '../verdict.js';

export interface WatchOptions {
  readonly json?: boolean;
}

export async function watch(io: Io, text: string | undefined, options: WatchOptions): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    return await watchUntilEnd(io, temporal, await findLifecycle(temporal, text), options);
  });
}

/** Shows a lifecycle until it ends; its verdict decides the exit code. With `json` progress goes beside the result. */
export async function watchUntilEnd(
  io: Io,
  { client, pollMs, link }: Temporal,
  id: string,
  { json }: WatchOptions,
): Promise<ExitCode> {
  const page = link(id);
  const out = json === true ? io.err : io.out;
  say({ out }, page === undefined ? id : `${id}\n${page}`);
  const ended = await followLifecycle(client, id, { out, tty: io.tty, pollMs, handleSignals: true });
  if (json === true) sayJson(io, { id, ...ended });
  else say(io, `${stateOf(ended)}. ${ended.why}`);
  return exitCodeOf(ended);
}
