import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { clientVariables, startEmulator, type Emulator } from 'azureml-emulator';
import { bareUpload } from './upload-floor.js';

/**
 * Uploads a folder of code by this project and by azure-ai-ml, each in a process of its own and to an Azurite of its own:
 * Azurite takes longer for each blob the more of them it holds.
 */

const execute = promisify(execFile);
const ours = fileURLToPath(new URL('upload-run.js', import.meta.url));
const theirs = fileURLToPath(new URL('../../bench/upload_azureml.py', import.meta.url));
const python = process.env['MLOPS_BENCH_PYTHON'] ?? 'python3';

const subscription = '11111111-2222-3333-4444-555555555555';
const group = 'bench';
const workspace = 'bench';
const files = 5_000;
const bytes = 40_000;
const perFolder = 100;
const mostOutput = 64 * 1024 * 1024;

interface Run {
  readonly seconds: number;
  readonly megabytes: number;
}

async function makeFiles(folder: string): Promise<void> {
  for (let index = 0; index < files; index += 1) {
    const place = join(folder, `part${Math.floor(index / perFolder)}`);
    if (index % perFolder === 0) await mkdir(place, { recursive: true });
    await writeFile(join(place, `${index}.bin`), randomBytes(bytes));
  }
}

async function makeWorkspace({ url }: Emulator, name: string): Promise<void> {
  const scope = `/subscriptions/${subscription}/resourceGroups/${group}`;
  const put = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(`${url}${path}?api-version=2024-04-01`, {
      method: 'PUT',
      headers: { authorization: 'Bearer local', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  await put(scope, { location: 'westeurope' });
  const workspace = `${scope}/providers/Microsoft.MachineLearningServices/workspaces/${name}`;
  await put(workspace, { location: 'westeurope', properties: {} });
  for (;;) {
    const answer = await fetch(`${url}${workspace}?api-version=2024-04-01`, {
      headers: { authorization: 'Bearer local' },
    });
    const { properties } = (await answer.json()) as { properties: { provisioningState: string } };
    if (properties.provisioningState === 'Succeeded') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Run> {
  const { stdout } = await execute(program, args, { env: { ...process.env, ...env }, maxBuffer: mostOutput });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Run;
}

function line(name: string, { seconds, megabytes }: Run): void {
  console.log(
    `  ${name.padEnd(24)} ${seconds.toFixed(2).padStart(7)} s  ${megabytes.toFixed(0).padStart(5)} MB`,
  );
}

interface Place {
  readonly emulator: Emulator;
  /** Address of the workspace. */
  readonly workspaceUrl: string;
}

/** Runs `use` against an emulator that holds nothing yet. */
async function withEmulator<T>(use: (place: Place) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mlops-bench-azure-'));
  const emulator = await startEmulator({ dataDir, httpsPort: 0, quiet: true });
  try {
    await makeWorkspace(emulator, workspace);
    const workspaceUrl = `${emulator.url}/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.MachineLearningServices/workspaces/${workspace}`;
    return await use({ emulator, workspaceUrl });
  } finally {
    await emulator.stop();
    await rm(dataDir, { recursive: true });
  }
}

/** The first upload, and the same again. */
async function twice(upload: () => Promise<Run>): Promise<readonly [first: Run, again: Run]> {
  return [await upload(), await upload()];
}

const source = await mkdtemp(join(tmpdir(), 'mlops-bench-'));
try {
  await makeFiles(source);
  console.log(`Upload of ${files} files, ${(files * bytes) / 1e6} MB, to Azurite`);
  const floor = await withEmulator(({ emulator, workspaceUrl }) =>
    bareUpload(source, workspaceUrl, emulator.blobUrl),
  );
  console.log(`  ${'bare requests'.padEnd(24)} ${floor.toFixed(2).padStart(7)} s`);
  const [first, again] = await withEmulator(({ emulator: { url, blobUrl } }) =>
    twice(() => run(process.execPath, [ours, source, url, blobUrl, subscription, group, workspace], {})),
  );
  line('mlops', first);
  line('mlops, unchanged', again);
  const [theirFirst, theirAgain] = await withEmulator(({ emulator: { url, httpsUrl = '', caPath = '' } }) => {
    const env = clientVariables({ url, httpsUrl, caPath });
    return twice(() => run(python, [theirs, source, subscription, group, workspace], env));
  });
  line('azure-ai-ml', theirFirst);
  line('azure-ai-ml, unchanged', theirAgain);
  console.log(
    `  → ${(theirFirst.seconds / first.seconds).toFixed(1)} times as fast; ${(first.seconds / floor).toFixed(2)} times the bare requests`,
  );
} finally {
  await rm(source, { recursive: true });
}
