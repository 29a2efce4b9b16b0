import { type ExitCode, exitCodes } from '../failures.js';
import { type Io, say, sayJson, warn } from '../io.js';
import { type Listed, listLifecycles } from '../lifecycles.js';
import { formatDuration } from '../progress-lines.js';
import { table } from '../table.js';
import { withTemporal } from '../temporal.js';

export interface ListOptions {
  readonly project?: string;
  readonly running?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

export async function list(io: Io, { json, ...filter }: ListOptions): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    const found = await listLifecycles(temporal, filter);
    if (json === true) sayJson(io, found);
    else if (found.length === 0) warn(io, 'no lifecycle; `mlops start` starts one');
    else say(io, table(['lifecycle', 'state', 'phase', 'started', 'took'], found.map(row)));
    return exitCodes.ok;
  });
}

function row({ id, execution, verdict, phase, startedAt, closedAt }: Listed): string[] {
  const took = formatDuration((closedAt ?? new Date()).getTime() - startedAt.getTime());
  return [id, verdict ?? execution.toLowerCase(), phase ?? '', startedAt.toISOString().slice(0, 16), took];
}
