import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import type { Policy } from '../../domain/policy.js';
import {
  attestation,
  authorizer,
  innerPort,
  innerPorts,
  searchAttributes,
  serverVersion,
} from '../../temporal/examine.js';
import type { Finding } from '../../temporal/findings.js';
import { checkServerConfig } from '../../temporal/server-config.js';
import { claimsOf, tokenIn } from '../../temporal/tokens.js';
import { badInput, type ExitCode, exitCodes, reasonOf } from '../failures.js';
import { type Io, say, sayJson } from '../io.js';
import { settingsOf, type Temporal, withTemporal } from '../temporal.js';

export interface DoctorOptions {
  /** `history=7234,matching=7235` */
  readonly ports?: Readonly<Record<string, number>>;
  readonly serverConfig?: string;
  /** Also what Azure and GitHub grant to a worker with these settings. */
  readonly worker?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** Looks at what approvals rest on. Run it as the worker and as an approver: it tells who the server says you are. */
export async function doctor(io: Io, options: DoctorOptions): Promise<ExitCode> {
  const findings = await withTemporal(io, (temporal) => examine(temporal, options));
  if (options.worker === true) {
    const { workerAccess } = await import('../worker-access.js');
    findings.push(...(await workerAccess(settingsOf(io), io.env)));
  }
  if (options.serverConfig !== undefined) findings.push(...(await readConfig(io, options.serverConfig)));
  if (options.json === true) sayJson(io, findings);
  else say(io, findings.map(lineOf).join('\n'));
  const worst = options.strict === true ? ['bad', 'warn'] : ['bad'];
  return findings.some(({ state }) => worst.includes(state)) ? exitCodes.failed : exitCodes.ok;
}

async function examine(temporal: Temporal, { ports = innerPorts }: DoctorOptions): Promise<Finding[]> {
  const { client, connection, namespace, address, settings } = temporal;
  const { tls } = settings.temporal.connectionOptions;
  const claims = claimsOf(tokenIn(settings.temporal.connectionOptions));
  const host = address.replace(/:\d+$/, '');
  const attested = await attestation(client, claims?.subject);
  return [
    await serverVersion(connection),
    await authorizer({ address, ...(tls !== undefined && tls !== null && { tls }) }, namespace),
    ...attested.findings,
    ...roles(await policyOf(temporal), attested.name),
    await searchAttributes(connection, namespace),
    ...(await Promise.all(Object.entries(ports).map(([name, port]) => innerPort(host, name, port)))),
  ];
}

async function policyOf({ settings }: Temporal): Promise<Policy | undefined> {
  if (settings.MLOPS_POLICY === undefined) return undefined;
  const { loadPolicy } = await import('../../connections.js');
  return await loadPolicy(settings);
}

/** What the policy says of the name that the server gives to this token. */
function roles(policy: Policy | undefined, name: string | undefined): Finding[] {
  if (policy === undefined || name === undefined) return [];
  const isWorker = policy.workers?.includes(name) === true;
  const approves = policy.projects.flatMap((project) =>
    Object.entries(project.environments).flatMap(([environment, { approvers }]) =>
      approvers?.includes(name) === true ? [`${project.name} ${environment}`] : [],
    ),
  );
  if (isWorker && approves.length > 0) {
    const found = `${name} is a worker and approves ${approves.join(', ')}: whoever runs the worker approves`;
    return [{ state: 'bad', what: 'role', found, todo: 'give workers a name of their own' }];
  }
  if (isWorker) return [{ state: 'ok', what: 'role', found: 'worker' }];
  const found =
    approves.length > 0 ? `approves ${approves.join(', ')}` : `on no list of approvers in policy.yml`;
  return [{ state: 'ok', what: 'role', found }];
}

async function readConfig(io: Io, path: string): Promise<Finding[]> {
  const text = await readFile(resolve(io.cwd, path), 'utf8').catch((error: unknown) => {
    throw badInput(`--server-config ${path} cannot be read: ${reasonOf(error)}`);
  });
  try {
    return checkServerConfig(parse(text));
  } catch (error) {
    throw badInput(`--server-config ${path} is no YAML: ${reasonOf(error)}`);
  }
}

const marks = { ok: '✔', warn: '!', bad: '✘' } as const;

function lineOf({ state, what, found, todo }: Finding): string {
  return `${marks[state]} ${what}: ${found}${todo === undefined ? '' : `\n    → ${todo}`}`;
}
