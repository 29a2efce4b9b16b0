import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pc from 'picocolors';
import { lockDataDir } from '../lock.js';
import { lastPorts } from '../ports.js';
import { checkSetup } from './check.js';
import { exportLines } from './instructions.js';
import { LOCAL, localSeed, readSeed } from './seed.js';
import type { Seed } from './seed.js';
import { clientVariables } from './variables.js';
import type { Addresses, WorkspaceName } from './variables.js';

interface Flags {
  readonly data: string;
  readonly seed?: string;
  readonly json?: boolean;
}

/** Certificates stay, so that what trusts them goes on to. */
const KEPT = new Set(['tls', 'ports.json']);

/** Empties a data folder; refuses one that an emulator uses, or that is no data folder. */
export async function reset(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) return;
  const names = await readdir(dataDir);
  if (names.length > 0 && !names.includes('state.lmdb'))
    throw new Error(
      `--reset: ${dataDir} is no data folder of the emulator (it has no state.lmdb): nothing was removed.`,
    );
  const unlock = await lockDataDir(dataDir);
  await unlock();
  for (const name of names) if (!KEPT.has(name)) await rm(join(dataDir, name), { recursive: true });
}

/** What to begin with: the file's resources, else a workspace for people to try, and for programs nothing. */
export async function seedOf({ seed, json = false, data }: Flags): Promise<Seed> {
  if (seed !== undefined) return readSeed(seed);
  return json || existsSync(join(data, 'state.lmdb')) ? { resources: [] } : localSeed();
}

/** The workspace that snippets name: the seed's first, else the local one. */
export function shownWorkspace(seed: Seed): WorkspaceName {
  const pattern =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.MachineLearningServices\/workspaces\/([^/]+)$/i;
  for (const { id } of seed.resources) {
    const [, subscription, group, workspace] = pattern.exec(id) ?? [];
    if (subscription !== undefined && group !== undefined && workspace !== undefined)
      return { subscription, group, workspace };
  }
  return LOCAL;
}

/** Addresses of the emulator that uses the folder; throws when none answers. */
async function running(dataDir: string): Promise<Addresses> {
  const { http, https } = await lastPorts(dataDir);
  const url = `http://127.0.0.1:${http ?? 0}`;
  const answers = await fetch(`${url}/_emulator/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!answers || https === undefined)
    throw new Error(
      `no emulator with https runs on ${dataDir}. Start it: azureml-emulator --data ${dataDir}`,
    );
  return { url, httpsUrl: `https://127.0.0.1:${https}`, caPath: join(dataDir, 'tls', 'ca.crt') };
}

/** What an emulator holds, in the form of a seed. */
export async function resourcesAt(url: string): Promise<Seed> {
  return (await (await fetch(`${url}/_emulator/export`)).json()) as Seed;
}

export async function printEnvironment({ data }: Flags): Promise<void> {
  const addresses = await running(data);
  const variables = clientVariables(addresses, shownWorkspace(await resourcesAt(addresses.url)));
  process.stdout.write(`${exportLines(variables)}\n`);
}

export async function printExport({ data }: Flags): Promise<void> {
  const { url } = await running(data);
  process.stdout.write(`${JSON.stringify(await resourcesAt(url), undefined, 2)}\n`);
}

/** True when nothing was found. */
export async function printCheck(env: NodeJS.ProcessEnv): Promise<boolean> {
  const findings = await checkSetup(env);
  for (const { what, problem } of findings) {
    process.stdout.write(
      problem === undefined
        ? `${pc.green('ok')}   ${what}\n`
        : `${pc.red('FAIL')} ${what}\n     ${problem}\n`,
    );
  }
  const problems = findings.filter(({ problem }) => problem !== undefined).length;
  const verdict =
    problems === 0
      ? 'Clients started here talk to the emulator, and to nothing else.'
      : `${problems} of ${findings.length} are wrong: do not start a client in this shell.`;
  process.stdout.write(`${verdict}\n`);
  return problems === 0;
}
