import {
  Client,
  Connection,
  type ConnectionOptions,
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { isLoopback, loadSettings, type Settings, SettingsError } from '../settings.js';
import { badInput, type CliError, failed, reasonOf, unreachable } from './failures.js';
import type { Io } from './io.js';
import { uiBase, workflowLink } from '../temporal/links.js';
import { isRefusal, tokenIn, whatItLacks } from '../temporal/tokens.js';

/** A connection to Temporal with what commands need to know of it. */
export interface Temporal {
  readonly client: Client;
  readonly connection: Connection;
  readonly address: string;
  readonly namespace: string;
  readonly settings: Settings;
  /** Pause between looks that suits the service: a query is a billed action in Temporal Cloud. */
  readonly pollMs: number;
  /** Page of a workflow in the Temporal UI, where its address is known. */
  readonly link: (workflowId: string) => string | undefined;
}

const connectTimeoutMs = 5_000;

/**
 * Connects as the standard `TEMPORAL_*` variables and `temporal.toml` say, and closes afterwards.
 * @throws CliError with what was tried and which setting to change
 */
export async function withTemporal<T>(io: Io, use: (temporal: Temporal) => Promise<T>): Promise<T> {
  const settings = settingsOf(io);
  const { namespace = 'default', connectionOptions } = settings.temporal;
  const { address = 'localhost:7233' } = connectionOptions;
  const place = { address, namespace, token: tokenIn(connectionOptions) };
  const connection = await connect(settings, place);
  const base = uiBase(settings.MLOPS_TEMPORAL_UI_URL, address);
  try {
    return await use({
      client: new Client({ connection, namespace }),
      connection,
      address,
      namespace,
      settings,
      pollMs: isLoopback(address) ? 500 : 3_000,
      link: (id) => (base === undefined ? undefined : workflowLink(base, namespace, id)),
    });
  } catch (error) {
    throw explained(error, place);
  } finally {
    await connection.close();
  }
}

/** Settings that cannot be read are bad input, whoever reads them. */
export function settingsOf(io: Io): Settings {
  try {
    return loadSettings(io.env);
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    throw badInput(
      `Temporal's settings cannot be used: ${reasonOf(error)}; see TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE and the TEMPORAL_* variables`,
    );
  }
}

interface Place {
  readonly address: string;
  readonly namespace: string;
  readonly token: string;
}

async function connect({ temporal }: Settings, place: Place): Promise<Connection> {
  const { apiKey, tls, metadata } = temporal.connectionOptions;
  const options: ConnectionOptions = {
    address: place.address,
    connectTimeout: connectTimeoutMs,
    ...(apiKey !== undefined && { apiKey }),
    ...(tls !== undefined && tls !== null && { tls }),
    ...(metadata !== undefined && { metadata: texts(metadata) }),
  };
  try {
    return await Connection.connect(options);
  } catch (error) {
    if (isRefusal(error)) throw refused(error, place);
    throw unreachable(
      `Temporal does not answer at ${place.address} (tried for ${connectTimeoutMs / 1_000} s): ${reasonOf(error)}\n${whatToSet}`,
    );
  }
}

function texts(metadata: Readonly<Record<string, string | Buffer>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, value.toString()]));
}

const whatToSet =
  'Set TEMPORAL_ADDRESS (host:port; with TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_* where it needs them), or choose a profile of temporal.toml with TEMPORAL_PROFILE. `npm start` in the checkout brings up a local one.';

function explained(error: unknown, place: Place): unknown {
  const { address, namespace } = place;
  if (error instanceof WorkflowNotFoundError) {
    return badInput(
      `${error.workflowId} does not run, or is not known, in namespace ${namespace} at ${address}; \`mlops list\` shows what is`,
    );
  }
  if (!(error instanceof ServiceError) && !isGrpcServiceError(error)) return error;
  return refused(error, place);
}

function refused(error: unknown, { address, namespace, token }: Place): CliError {
  if (isRefusal(error)) {
    return failed(
      `Temporal at ${address} refused this: ${whatItLacks(token, namespace)}. \`mlops doctor\` tells what a token may do`,
    );
  }
  return unreachable(
    `Temporal at ${address} (namespace ${namespace}) could not be used: ${reasonOf(error)}\n${whatToSet}`,
  );
}
