import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { root } from '../../tools/local/paths.js';
import { runProcess } from '../cli/support.js';
import { leftovers } from '../support/leftovers.js';
import { temporalBinary } from '../support/temporal-server.js';

const demo = pathToFileURL(join(root, 'lib/tools/demo/main.js')).href;
const program = `const { main } = await import(${JSON.stringify(demo)}); process.exitCode = await main(process.argv.slice(1));`;
const patienceMs = 400_000;

interface Demo {
  readonly output: () => string;
  readonly exited: Promise<number | string>;
  /** As a terminal sends it: to the whole foreground group. */
  readonly interrupt: () => void;
}

const started: { folder: string; kill: () => void }[] = [];

afterEach(async () => {
  for (const { folder, kill } of started.splice(0)) {
    kill();
    await rm(folder, { recursive: true, force: true });
  }
});

/** `npm start` after its preparation, with all state and temporary files in a folder of its own. */
async function startDemo(...args: readonly string[]): Promise<Demo & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'mlops-start-'));
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', program, '--', '--yes', '--folder', join(folder, 'state'), ...args],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, MLOPS_TEMPORAL_BINARY: temporalBinary(), TEMPORAL_ADDRESS: '', TMPDIR: folder },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(code ?? signal ?? 'nothing');
    });
  });
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid ?? 0), name);
    } catch {
      // It has ended.
    }
  };
  const patience = setTimeout(() => {
    signal('SIGKILL');
  }, patienceMs);
  void exited.then(() => {
    clearTimeout(patience);
  });
  started.push({
    folder,
    kill: () => {
      signal('SIGKILL');
    },
  });
  return {
    folder,
    output: () => output,
    exited,
    interrupt: () => {
      signal('SIGINT');
    },
  };
}

test('the whole story is told, crashes and drift included, and nothing is left running', async () => {
  const { folder, output, exited } = await startDemo('--exit', '--crash', '--drift');
  const code = await exited;
  const text = output();
  expect(code, text).toBe(0);
  expect(text).toContain('nothing was submitted twice');
  expect(text.match(/a new worker has taken over/g)).toHaveLength(2);
  expect(text).toMatch(/users sent \d+ requests meanwhile, 0 failed/);
  expect(text).toMatch(/ran: breach/);
  expect(text).toMatch(/retraining started/);
  expect(await leftovers(folder)).toEqual([]);
});

test('Ctrl-C in the middle leaves nothing running', async () => {
  const { folder, output, exited, interrupt } = await startDemo();
  const deadline = Date.now() + 120_000;
  while (!output().includes('training logistic, boosted')) {
    expect(Date.now(), output()).toBeLessThan(deadline);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(await leftovers(folder)).not.toEqual([]);
  interrupt();
  expect(await exited, output()).toBe(130);
  expect(await leftovers(folder)).toEqual([]);
});

const pipeline = `on: { push: { branches: [main] } }
env: { ENDPOINT: flowers }
jobs:
  all:
    runs-on: ubuntu-latest
    steps:
      - run: |
          az ml job create --file train.yml --set inputs.trees=80 --stream
          az ml online-endpoint create -n $ENDPOINT -f endpoint.yml
          az ml online-deployment create -n blue -e $ENDPOINT -f deployment.yml --all-traffic
          az ml online-endpoint invoke -n $ENDPOINT --request-file requests.json
        working-directory: azureml
`;

test("a repository that has az ml files and their command lines only: `mlops init`, then its own project's way to production", async () => {
  const repository = await mkdtemp(join(tmpdir(), 'mlops-own-'));
  try {
    await cp(join(root, 'examples/flowers'), repository, { recursive: true });
    await rm(join(repository, 'mlops.yaml'));
    await writeFile(join(repository, 'azure-pipelines.yml'), pipeline);
    const proposed = await runProcess(['init', '--yes', '--name', 'flowers'], { cwd: repository });
    expect(proposed.code, proposed.err).toBe(0);
    const { folder, output, exited } = await startDemo('--exit', '--project', repository);
    const code = await exited;
    expect(code, output()).toBe(0);
    expect(output()).toContain('grace-hopper comments “/approve ');
    expect(output()).toContain('The lifecycle ended as released');
    expect(await leftovers(folder)).toEqual([]);
  } finally {
    await rm(repository, { recursive: true, force: true });
  }
});
