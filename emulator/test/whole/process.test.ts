import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { buildBin, startBin } from '../support/bin.js';
import type { BinProcess } from '../support/bin.js';

const started: BinProcess[] = [];
let dataDir: string;

beforeAll(buildBin);
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'azureml-emulator-'));
});
afterEach(async () => {
  for (const { child } of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

function start(...flags: string[]): BinProcess {
  const emulator = startBin(dataDir, ...flags);
  started.push(emulator);
  return emulator;
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
  const { child, ended, ready } = start();
  const { url, blobUrl } = await ready();
  expect(await (await fetch(`${url}/_emulator/healthz`)).json()).toMatchObject({ status: 'ok', blobUrl });
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(await silent(blobUrl)).toBe(true);
});

it('leaves no child behind when it is killed, and starts again on the same ports', async () => {
  const first = start();
  const before = await first.ready();
  first.child.kill('SIGKILL');
  await first.ended;
  expect(await silent(before.blobUrl)).toBe(true);
  const second = start();
  const after = await second.ready();
  expect([after.url, after.blobUrl]).toEqual([before.url, before.blobUrl]);
});

it('refuses a data folder that another one uses, and a port that is no port', async () => {
  const first = start();
  await first.ready();
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

it('computes addresses from the public URL', async () => {
  const { ready } = start('--no-https', '--public-url', 'http://emulator.test:9000/');
  const { url, blobUrl } = await ready();
  const group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg';
  const workspace = `${group}/providers/Microsoft.MachineLearningServices/workspaces/ws1`;
  const arm = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}${path}?api-version=2024-04-01`, {
      method,
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as { properties: Record<string, unknown> };
  };
  await arm('PUT', group, { location: 'westeurope' });
  await arm('PUT', workspace, { location: 'westeurope', properties: {} });
  await expect
    .poll(async () => (await arm('GET', workspace)).properties['provisioningState'])
    .toBe('Succeeded');
  expect((await arm('GET', workspace)).properties['mlFlowTrackingUri']).toMatch(
    /^azureml:\/\/emulator\.test:9000\/mlflow\//,
  );
  const upload = await arm('POST', `${workspace}/codes/c/versions/1/startPendingUpload`, {});
  expect(upload).toMatchObject({
    blobReferenceForConsumption: {
      blobUri: expect.stringMatching(
        new RegExp(`^http://emulator\\.test:${new URL(blobUrl).port}/devstoreaccount1/`),
      ) as string,
    },
  });
});

it('refuses a public URL that is none', async () => {
  const { ended, stderr } = start('--public-url', 'emulator:9000');
  expect(await ended).toBe(1);
  expect(stderr()).toContain("--public-url 'emulator:9000' is no base URL such as http://emulator:8743");
});
