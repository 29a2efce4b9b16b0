import type { Client } from '@temporalio/client';
import { isRefusal, tokenIn, whatItLacks } from '../../src/temporal/tokens.js';
import type { Inputs } from './inputs.js';

/** A client with what links need to know of its connection. */
export interface Connected {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  /** Says of a refusal of the server what the token lacks; other errors pass. */
  explained(error: unknown): unknown;
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;

/**
 * Connects with the inputs, else with the standard `TEMPORAL_*` variables and profile file. The SDK is loaded here,
 * so that a run that has nothing to send never pays for it.
 */
export async function connect(inputs: Inputs, env: NodeJS.ProcessEnv): Promise<Connected> {
  const [{ Client, Connection }, { loadClientConnectConfig }] = await Promise.all([
    import('@temporalio/client'),
    import('@temporalio/envconfig'),
  ]);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig({
    overrideEnvVars: variables(inputs, env),
  });
  const { address, apiKey, tls, metadata } = connectionOptions;
  if (address === undefined) {
    throw new Error(
      "No Temporal address: set the input `temporal-address` (host:port), or TEMPORAL_ADDRESS in the step's `env`.",
    );
  }
  const place = {
    address,
    namespace,
    token: tokenIn({ ...(apiKey !== undefined && { apiKey }), ...(metadata !== undefined && { metadata }) }),
  };
  try {
    const connection = await Connection.connect({
      address,
      connectTimeout: connectTimeoutMs,
      ...(apiKey !== undefined && { apiKey }),
      ...(tls !== undefined && tls !== null && { tls }),
      ...(metadata !== undefined && { metadata: plainMetadata(metadata) }),
    });
    return {
      client: new Client({ connection, namespace }),
      address,
      namespace,
      explained: (error) => (isRefusal(error) ? refused(place, error) : error),
      close: () => connection.close(),
    };
  } catch (error) {
    if (isRefusal(error)) throw refused(place, error);
    throw new Error(explain(address, namespace, error), { cause: error });
  }
}

function variables(inputs: Inputs, env: NodeJS.ProcessEnv): Record<string, string> {
  const set = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  return {
    ...Object.fromEntries(set),
    ...(inputs.address !== undefined && { TEMPORAL_ADDRESS: inputs.address }),
    ...(inputs.namespace !== undefined && { TEMPORAL_NAMESPACE: inputs.namespace }),
    ...(inputs.apiKey !== undefined && { TEMPORAL_API_KEY: inputs.apiKey }),
  };
}

function plainMetadata(metadata: Record<string, string | Buffer>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, value.toString()]));
}

function refused(
  { address, namespace, token }: { address: string; namespace: string; token: string },
  error: unknown,
): Error {
  return new Error(
    `Temporal at ${address} refused this: ${whatItLacks(token, namespace)}. The key is the input temporal-api-key, or TEMPORAL_API_KEY.`,
    { cause: error },
  );
}

function explain(address: string, namespace: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `Temporal at ${address} (namespace ${namespace}) cannot be used: ${reason}. Check the inputs temporal-address, temporal-namespace and temporal-api-key (or TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*), and that this runner may reach it.`;
}
