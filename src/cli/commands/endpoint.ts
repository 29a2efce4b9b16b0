import { findEndpoint } from '../endpoints.js';
import { type ExitCode, exitCodes } from '../failures.js';
import { type Io, say, sayJson } from '../io.js';
import { endpointText } from '../show-endpoint.js';
import { withTemporal } from '../temporal.js';

export interface EndpointOptions {
  readonly workspace?: string;
  readonly json?: boolean;
}

export async function endpoint(
  io: Io,
  name: string,
  { workspace, json }: EndpointOptions,
): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    const { id, status } = await findEndpoint(temporal, name, workspace);
    if (json === true) sayJson(io, { id, ...status });
    else say(io, endpointText(id, status, temporal.link(id)));
    return exitCodes.ok;
  });
}
