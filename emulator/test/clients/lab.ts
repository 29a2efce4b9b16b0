import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { clientVariables } from '../../src/setup/variables.js';
import { CONDA } from '../support/deployments.js';
import { GROUP, SUBSCRIPTION, W, makeWorkspace, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

const python = fileURLToPath(new URL('python', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** `current`: the newest clients; `oldest`: the oldest azure-ai-ml that must work, beside the newest MLflow. */
export type Clients = 'current' | 'oldest';

export interface ModuleRun {
  /** By the test's name: `ok`, or what went wrong. */
  readonly outcomes: ReadonlyMap<string, string>;
  /** Hosts beyond this machine that were asked for. */
  readonly refused: readonly string[];
}

export interface ClientLab {
  readonly test: TestEmulator;
  run(clients: Clients, module: string): Promise<ModuleRun>;
}

/** Names of the tests in a Python module. */
export function testsOf(module: string): string[] {
  const text = readFileSync(`${python}/${module}.py`, 'utf8');
  return [...text.matchAll(/^ {4}def (test_\w+)/gm)].map(([, name = '']) => name);
}

/** The interpreter of an environment with the clients, made on first use. */
async function interpreter(clients: Clients): Promise<string> {
  const script = fileURLToPath(new URL('../../../tools/prepare/python-clients.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, clients], { cwd: root });
  return stdout.trim().split('\n').at(-1) ?? '';
}

/** An emulator over https with a workspace and a cluster, and nothing in the clients' environment but what it prints. */
export async function startClientLab(): Promise<ClientLab> {
  const test = await startTestEmulator({ httpsPort: 0 });
  await makeWorkspace(test);
  const cluster = { computeType: 'AmlCompute', properties: { vmSize: 'Standard_DS3_v2' } };
  await test.settle(
    await test.arm('PUT', `${W}/computes/cluster`, { location: 'westeurope', properties: cluster }),
  );
  const { url, httpsUrl = '', caPath = '' } = test.emulator;
  const workspace = { subscription: SUBSCRIPTION, group: GROUP, workspace: 'ws1' };
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    ...clientVariables({ url, httpsUrl, caPath }, workspace),
    LAB_SUBSCRIPTION: SUBSCRIPTION,
    LAB_GROUP: GROUP,
    LAB_WORKSPACE: 'ws1',
    LAB_SCORING_CONDA: CONDA,
    AZURE_CORE_COLLECT_TELEMETRY: 'no',
    MLFLOW_DISABLE_TELEMETRY: 'true',
    AZUREML_RUN_POLLING_INTERVAL_MIN: '1',
  };
  return {
    test,
    run: async (clients, module) => runModule(await interpreter(clients), module, env),
  };
}

async function runModule(program: string, module: string, env: Record<string, string>): Promise<ModuleRun> {
  const child = spawn(program, [`${python}/run.py`, module], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcomes = new Map<string, string>();
  let refused: readonly string[] = ['the module did not come to its end'];
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-4000)));
  for await (const line of createInterface(child.stdout)) {
    const said = JSON.parse(line) as { test?: string; outcome?: string; detail?: string; refused?: string[] };
    if (said.refused !== undefined) ({ refused } = said);
    else
      outcomes.set(
        said.test ?? '',
        said.outcome === 'ok' ? 'ok' : `${said.outcome ?? ''}: ${said.detail ?? ''}`,
      );
  }
  if (outcomes.size === 0) throw new Error(`${module} of the Python tests did not run: ${errors}`);
  return { outcomes, refused };
}
