import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'bin', 'azureml-emulator.js');
const started: ChildProcess[] = [];
let dataDir: string;

beforeAll(async () => {
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin',
    'tsc',
  );
  await promisify(execFile)(process.execPath, [compiler, '-b', root]);
});
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'azureml-emulator-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

interface Ready {
  url: string;
  blobUrl: string;
}

function start(...flags: string[]): {
  child: ChildProcess;
  ended: Promise<number | null>;
  stderr: () => string;
} {
  const child = spawn(process.execPath, [bin, '--port', '0', '--data', dataDir, '--json', ...flags]);
  started.push(child);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, ended, stderr: () => errors };
}

async function ready(child: ChildProcess): Promise<Ready> {
  if (child.stdout === null) throw new Error('no stdout');
  for await (const line of createInterface(child.stdout)) return JSON.parse(line) as Ready;
  throw new Error('ended before it was ready');
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

/** Waits until an address is refused; the test's own limit ends it otherwise. */
async function silent(url: string): Promise<boolean> {
  while (await answers(url)) await new Promise((resolve) => setTimeout(resolve, 50));
  return true;
}

it('prints its addresses in one line when it is ready, and ends with 0 and without children on SIGTERM', async () => {
  const { child, ended } = start();
  const { url, blobUrl } = await ready(child);
  expect(await (await fetch(`${url}/_emulator/healthz`)).json()).toMatchObject({ status: 'ok', blobUrl });
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(await silent(blobUrl)).toBe(true);
});

it('leaves no child behind when it is killed, and starts again on the same ports', async () => {
  const first = start();
  const before = await ready(first.child);
  first.child.kill('SIGKILL');
  await first.ended;
  expect(await silent(before.blobUrl)).toBe(true);
  const second = start();
  const after = await ready(second.child);
  expect([after.url, after.blobUrl]).toEqual([before.url, before.blobUrl]);
});

it('refuses a data folder that another one uses, and a port that is no port', async () => {
  const first = start();
  await ready(first.child);
  const second = start();
  expect(await second.ended).toBe(1);
  expect(second.stderr()).toMatch(
    new RegExp(`Another emulator \\(process ${String(first.child.pid)}\\) uses .*--data`),
  );
  const wrong = start('--blob-port', '70000');
  expect(await wrong.ended).toBe(1);
  expect(wrong.stderr()).toContain('A port is at most 65535');
  expect(await readFile(join(dataDir, 'emulator.pid'), 'utf8')).toBe(String(first.child.pid));
});
