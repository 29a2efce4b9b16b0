import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import getPort from 'get-port';
import { stringify } from 'yaml';
import { addAttributes } from '../../src/temporal/search-attributes.js';
import { EndedEarly, startedAgain } from '../../tools/local/started-again.js';
import { type Started, startProgram } from './programs.js';
import { audience, startTokenIssuer, type TokenIssuer } from './tokens.js';

/** Made by tools/prepare; left out only on a developer's machine without Go, never in CI. */
export const withoutSecuredServer =
  process.env['MLOPS_TEMPORAL_SECURED_BINARY'] === undefined && process.env['CI'] === undefined;

const workerName = 'worker@example.com';

/** A Temporal server that lets in only who has a token, and writes into histories whose it was. */
export interface SecuredServer {
  readonly address: string;
  readonly ports: { readonly frontend: number; readonly internal: number; readonly history: number };
  readonly issuer: TokenIssuer;
  readonly workerName: string;
  /** Metadata that carries a token of `subject`, who may write unless told otherwise. */
  metadata(subject: string, permissions?: readonly string[]): Promise<Record<string, string>>;
  /** A client with a token of `subject`. */
  as(subject: string): Promise<Client>;
  stop(): Promise<void>;
}

const services = ['frontend', 'internal-frontend', 'matching', 'history'] as const;
const startTimeoutMs = 60_000;

export function startSecuredServer(): Promise<SecuredServer> {
  return startedAgain(startOnce);
}

async function startOnce(): Promise<SecuredServer> {
  const issuer = await startTokenIssuer();
  const folder = await mkdtemp(join(tmpdir(), 'mlops-secured-'));
  const ports = Object.fromEntries(
    await Promise.all(
      [...services, ...services.map((name) => `${name} membership`), 'http'].map(
        async (name) => [name, await getPort()] as const,
      ),
    ),
  );
  const portOf = (name: string): number => ports[name] ?? 0;
  await writeFile(join(folder, 'server.yaml'), stringify(configuration(issuer, folder, portOf)));
  await writeFile(join(folder, 'dynamic.yaml'), stringify(dynamicConfiguration));
  const server = startProgram(process.env['MLOPS_TEMPORAL_SECURED_BINARY'] ?? 'temporal-secured', [
    ...['--config-file', join(folder, 'server.yaml'), '--allow-no-auth', 'start'],
    ...services.flatMap((name) => ['--service', name]),
  ]);
  const address = `127.0.0.1:${portOf('frontend')}`;
  const connections: Connection[] = [];
  const metadata = async (subject: string, permissions?: readonly string[]) => ({
    authorization: `Bearer ${await issuer.token(subject, permissions === undefined ? {} : { permissions })}`,
  });
  const stop = async (): Promise<void> => {
    for (const connection of connections) await connection.close();
    await server.stop();
    await issuer.stop();
    await rm(folder, { recursive: true });
  };
  try {
    await registerNamespace(address, await metadata('admin', ['temporal-system:admin']), server);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ address, issuer, workerName, metadata, stop },
    ports: {
      frontend: portOf('frontend'),
      internal: portOf('internal-frontend'),
      history: portOf('history'),
    },
    async as(subject) {
      const connection = await Connection.connect({ address, tls: false, metadata: await metadata(subject) });
      connections.push(connection);
      return new Client({ connection });
    },
  };
}

/** The server's own development-sqlite.yaml, with an authorizer that takes JWTs. */
function configuration(issuer: TokenIssuer, folder: string, port: (name: string) => number): object {
  const store = {
    sql: {
      pluginName: 'sqlite',
      databaseName: 'default',
      connectAddr: 'localhost',
      connectProtocol: 'tcp',
      connectAttributes: { mode: 'memory', cache: 'private' },
      maxConns: 1,
      maxIdleConns: 1,
      maxConnLifetime: '1h',
    },
  };
  const rpc = (name: string): object => ({
    rpc: {
      grpcPort: port(name),
      membershipPort: port(`${name} membership`),
      bindOnLocalHost: true,
      ...(name === 'frontend' && { httpPort: port('http') }),
    },
  });
  return {
    log: { stdout: true, level: 'error' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: 1,
      datastores: { default: store, visibility: store },
    },
    global: {
      membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
      authorization: {
        jwtKeyProvider: { keySourceURIs: [issuer.jwksUrl], refreshInterval: '1m' },
        permissionsClaimName: 'permissions',
        audience,
        authorizer: 'default',
        claimMapper: 'default',
      },
    },
    services: Object.fromEntries(services.map((name) => [name, rpc(name)])),
    clusterMetadata: {
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${port('frontend')}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: join(folder, 'dynamic.yaml'), pollInterval: '10s' },
  };
}

const dynamicConfiguration = {
  'frontend.enablePrincipalPropagation': [{ value: true, constraints: {} }],
  'system.forceSearchAttributesCacheRefreshOnRead': [{ value: true, constraints: {} }],
};

async function registerNamespace(
  address: string,
  metadata: Record<string, string>,
  server: Started,
): Promise<void> {
  const until = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, tls: false, metadata, connectTimeout: 2_000 });
      await connection.workflowService.registerNamespace({
        namespace: 'default',
        workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
      });
      await untilNamespaceServes(connection);
      await connection.close();
      return;
    } catch (error) {
      if (server.ended()) throw new EndedEarly('The Temporal server', server.log());
      if (Date.now() > until) throw new Error(`no server: ${server.log()}`, { cause: error });
      await pause(200);
    }
  }
}

async function untilNamespaceServes(connection: Connection): Promise<void> {
  const names = [
    'MlopsProject',
    'MlopsRepository',
    'MlopsCommit',
    'MlopsBranch',
    'MlopsPhase',
    'MlopsModel',
    'MlopsVerdict',
  ] as const;
  await addAttributes(connection, 'default', names);
}
