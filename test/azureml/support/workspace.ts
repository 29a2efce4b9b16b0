import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileRef } from '../../../src/domain/project.js';
import { startEmulator } from '../../../emulator/src/index.js';
import { applySetupItem, createAzureMl, planSetup, waitForOperation } from '../../../src/azureml/index.js';
import type { AzureMl, SetupItem, SourceFiles } from '../../../src/azureml/index.js';

const root = fileURLToPath(new URL('../project/', import.meta.url));
export const project: SourceFiles = { root, dir: root };

export function file(name: string, set: FileRef['set'] = {}): FileRef {
  return { file: `azureml/${name}.yml`, set };
}

export const infrastructure = [file('environment'), file('data'), file('compute')];

export interface TestAzure {
  readonly url: string;
  /** Another client of a workspace, as another worker would have. */
  connect(name: string): AzureMl;
  /** What the emulator was asked so far, oldest first. */
  requests(): Promise<readonly { readonly method: string; readonly path: string }[]>;
  /** Orders a fault of the emulator. */
  fault(match: object, answer: unknown, times?: number): Promise<void>;
  stop(): Promise<void>;
}

/** An emulator with a folder of its own. */
export async function startAzure(): Promise<TestAzure> {
  const dataDir = await mkdtemp(join(tmpdir(), 'azureml-client-'));
  const emulator = await startEmulator({ dataDir, quiet: true, lroDelayMs: 50 });
  const { url, blobUrl } = emulator;
  return {
    url,
    connect: (name) =>
      createAzureMl(
        {
          alias: name,
          subscription: '00000000-0000-0000-0000-000000000001',
          resourceGroup: 'team',
          name,
          location: 'westeurope',
          taskQueue: 'mlops',
          credential: 'default',
        },
        {
          credential: {
            getToken: () => Promise.resolve({ token: 'local', expiresOnTimestamp: Date.now() + 3_600_000 }),
          },
          armUrl: url,
          blobUrl,
          logsUrl: url,
        },
      ),
    async requests() {
      const { value } = (await (await fetch(`${url}/_emulator/requests`)).json()) as {
        value: { method: string; path: string }[];
      };
      return value;
    },
    async fault(match, answer, times = 1) {
      const response = await fetch(`${url}/_emulator/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ match, answer, times }),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    async stop() {
      await emulator.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Makes everything that the test project needs. Answers the plan that it began with. */
export async function setUp(ml: AzureMl, refs: readonly FileRef[] = infrastructure): Promise<SetupItem[]> {
  const plan = await planSetup(ml, project, refs);
  for (const item of plan)
    await waitForOperation(ml, await applySetupItem(ml, project, refs, item), { pauseMs: 50 });
  return plan;
}
