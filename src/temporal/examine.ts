import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { type Client, Connection, type ConnectionOptions, isGrpcServiceError } from '@temporalio/client';
import type { Finding } from './findings.js';
import { missingAttributes } from './search-attributes.js';

/** Looks at a Temporal service from outside, as somebody with this connection's token. */

/** Since when the server writes into histories who sent what. */
const leastVersion = [1, 31] as const;
const connectMs = 2_000;
/** gRPC's numbers for "who are you?" and "you may not". */
const refusals = [7, 16];

/** The ports that the server's own configuration gives its inner services; nobody but its nodes should reach them. */
export const innerPorts = { history: 7234, matching: 7235, 'internal frontend': 7236, worker: 7239 } as const;

export async function serverVersion(connection: Connection): Promise<Finding> {
  const { serverVersion: version } = await connection.workflowService.getSystemInfo({});
  const found = version === '' ? 'unknown' : version;
  const [major = 0, minor = 0] = found.split('.').map(Number);
  const [leastMajor, leastMinor] = leastVersion;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor))
    return { state: 'ok', what: 'server', found };
  return {
    state: 'warn',
    what: 'server',
    found: `${found}: it attests nobody, so \`verify: [principal]\` approves nothing`,
    todo: `upgrade to ${leastVersion.join('.')} or newer`,
  };
}

/** Whether a call without any token is let in. */
export async function authorizer(
  { address, tls }: Pick<ConnectionOptions, 'address' | 'tls'>,
  namespace: string,
): Promise<Finding> {
  const what = 'authorizer';
  const connection = Connection.lazy({
    ...(address !== undefined && { address }),
    ...(tls !== undefined && { tls }),
  });
  try {
    await connection.withDeadline(Date.now() + connectMs, () =>
      connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 }),
    );
    return {
      state: 'warn',
      what,
      found: 'a call without a token is let in: whoever reaches the address may do anything, as anybody',
      todo: 'set global.authorization in the server (docs/operations.md, Verified principals)',
    };
  } catch (error) {
    if (isGrpcServiceError(error) && refusals.includes(error.code))
      return { state: 'ok', what, found: 'a call without a token is refused' };
    return {
      state: 'warn',
      what,
      found: `cannot be told: ${error instanceof Error ? error.message : String(error)}`,
      todo: 'look at global.authorization in the server',
    };
  } finally {
    await connection.close();
  }
}

export interface Attested {
  readonly findings: readonly Finding[];
  /** What the server calls the bearer of this token. */
  readonly name?: string;
}

/** Starts a workflow that nobody runs, reads who is said to have started it, and ends it: what an approver needs. */
export async function attestation(client: Client, subject: string | undefined): Promise<Attested> {
  const who = subject ?? 'this connection';
  const workflowId = `mlops/doctor/${randomUUID()}`;
  try {
    const handle = await client.workflow.start('doctor', {
      workflowId,
      taskQueue: 'mlops-doctor',
      workflowRunTimeout: '1 minute',
    });
    await handle.signal('doctor');
    const { events } = await handle.fetchHistory();
    const signal = events?.find((event) => event.workflowExecutionSignaledEventAttributes);
    await handle.terminate('mlops doctor has looked');
    const may: Finding = { state: 'ok', what: 'permission', found: `${who} may start, signal and read` };
    const principal = signal?.principal;
    if (principal?.type === 'jwt' && principal.name)
      return {
        name: principal.name,
        findings: [may, { state: 'ok', what: 'attested as', found: principal.name }],
      };
    return { findings: [may, unattested(principal ?? undefined)] };
  } catch (error) {
    if (!isGrpcServiceError(innermost(error))) throw error;
    return { findings: [mayNot(innermost(error) as Error, who, client.options.namespace)] };
  }
}

function unattested(principal: { type?: string | null; name?: string | null } | undefined): Finding {
  const found =
    principal === undefined
      ? 'nobody: the server does not write who sent a signal, so `verify: [principal]` approves nothing'
      : `${principal.type ?? ''}/${principal.name ?? ''}: no person`;
  return {
    state: 'warn',
    what: 'attested as',
    found,
    todo: 'turn on frontend.enablePrincipalPropagation, with an authorizer; sign in with a JWT that has a `sub`',
  };
}

function mayNot(error: Error, who: string, namespace: string): Finding {
  return {
    state: 'bad',
    what: 'permission',
    found: `${who} may not start and signal workflows: ${error.message}`,
    todo: `give it \`${namespace}:write\``,
  };
}

function innermost(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? innermost(error.cause) : error;
}

export async function searchAttributes(connection: Connection, namespace: string): Promise<Finding> {
  const what = 'search attributes';
  const missing = await missingAttributes(connection, namespace);
  if (missing.length === 0) return { state: 'ok', what, found: 'all are registered' };
  return {
    state: 'bad',
    what,
    found: `missing: ${missing.join(', ')}; newer commits do not find older ones without them`,
    todo: 'mlops setup --apply',
  };
}

export async function innerPort(host: string, name: string, port: number): Promise<Finding> {
  const what = `port of ${name}`;
  if (!(await answers(host, port))) return { state: 'ok', what, found: `${host}:${port} does not answer` };
  return {
    state: 'bad',
    what,
    found: `${host}:${port} answers: whoever reaches it signals as anybody, without a token`,
    todo: "keep it to the server's nodes: network policy, or loopback",
  };
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectMs });
    const end = (reached: boolean) => (): void => {
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
