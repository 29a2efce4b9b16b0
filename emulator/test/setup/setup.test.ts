import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkSetup } from '../../src/setup/check.js';
import { clientVariables } from '../../src/setup/variables.js';
import { buildBin, runBin, startBin } from '../support/bin.js';
import type { BinProcess } from '../support/bin.js';
import { startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

describe('check', () => {
  let test: TestEmulator;
  let good: Record<string, string>;
  beforeAll(async () => {
    test = await startTestEmulator({ httpsPort: 0 });
    const { url, httpsUrl = '', caPath = '' } = test.emulator;
    good = clientVariables({ url, httpsUrl, caPath }, { subscription: 's', group: 'g', workspace: 'w' });
  });
  afterAll(() => test.stop());

  const problems = async (changed: Record<string, string | undefined>) =>
    (await checkSetup({ ...good, ...changed })).flatMap(({ problem }) => problem ?? []);

  it('finds nothing in the variables that are printed', async () => {
    expect(await problems({})).toEqual([]);
  });

  it('finds every variable that is missing', async () => {
    const found = (await checkSetup({})).filter(({ problem }) => problem !== undefined);
    expect(found).toHaveLength(7);
  });

  it.each([
    ['ARM_CLOUD_METADATA_URL', 'https://management.azure.com/metadata/endpoints', /127\.0\.0\.1:PORT/],
    ['ARM_CLOUD_METADATA_URL', 'https://127.0.0.1:9/metadata/endpoints', /Is the emulator running/],
    ['AZUREML_CURRENT_CLOUD', 'AzureCloud', /'AzureCloud'/],
    ['AZUREML_CURRENT_CLOUD', undefined, /not set/],
    ['REQUESTS_CA_BUNDLE', '/no/such/file', /no readable certificate/],
    ['AZURE_CLIENT_SECRET', 'secret', /login\.microsoftonline\.com/],
    ['HTTPS_PROXY', 'http://proxy.example:8080', /NO_PROXY=127\.0\.0\.1/],
    ['MLFLOW_TRACKING_URI', 'azureml://westeurope.api.azureml.ms/mlflow', /westeurope/],
    ['IDENTITY_HEADER', '', /IDENTITY_HEADER is not set/],
  ])('finds a wrong %s: %s', async (name, value, problem) => {
    expect((await problems({ [name]: value })).join('\n')).toMatch(problem);
  });

  it('finds an authority that did not sign the certificate', async () => {
    const { caPath, stop } = await otherAuthority();
    expect((await problems({ REQUESTS_CA_BUNDLE: caPath, NODE_EXTRA_CA_CERTS: caPath })).join()).toMatch(
      /certificate|self-signed|unable to verify/i,
    );
    await stop();
  });
});

async function otherAuthority(): Promise<{ caPath: string; stop: () => Promise<void> }> {
  const { loadCertificates } = await import('../../src/tls.js');
  const dir = await mkdtemp(join(tmpdir(), 'authority-'));
  return { caPath: (await loadCertificates(dir)).caPath, stop: () => rm(dir, { recursive: true }) };
}

describe('azureml-emulator', () => {
  const started: BinProcess[] = [];
  let data: string;
  beforeAll(async () => {
    await buildBin();
    data = await mkdtemp(join(tmpdir(), 'setup-'));
  });
  afterAll(async () => {
    await stopAll();
    await rm(data, { recursive: true, force: true });
  });

  async function stopAll(): Promise<void> {
    for (const { child, ended } of started.splice(0)) {
      child.kill('SIGTERM');
      await ended;
    }
  }
  async function start(...flags: string[]): Promise<void> {
    const process = startBin(data, ...flags);
    started.push(process);
    await process.ready();
  }
  const run = (...args: string[]) => runBin([...args, '--data', data], process.env);
  const ids = async () =>
    (JSON.parse((await run('export')).join('')) as { resources: { id: string }[] }).resources.map(({ id }) =>
      id.replace(/^.*providers\//, ''),
    );

  const group = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg';
  const workspace = `${group}/providers/Microsoft.MachineLearningServices/workspaces/seeded`;

  it('begins with a seed, gives it back as an export, and forgets it when asked', async () => {
    const seed = join(data, '..', `seed-${process.pid}.yml`);
    const resources = [
      { id: group, location: 'westeurope' },
      { id: workspace, location: 'westeurope', properties: {} },
      { id: `${workspace}/environments/e/versions/1`, properties: { image: 'python:3' } },
    ];
    await writeFile(seed, JSON.stringify({ resources }));
    await start('--seed', seed);
    expect(await ids()).toContain(
      'Microsoft.MachineLearningServices/workspaces/seeded/environments/e/versions/1',
    );
    const lines = await run('env');
    expect(lines.find((line) => line.startsWith('export MLFLOW_TRACKING_URI'))).toContain(
      '/workspaces/seeded',
    );
    const authority = await readFile(join(data, 'tls', 'ca.crt'), 'utf8');
    await writeFile(seed, (await run('export')).join('\n'));
    await stopAll();
    await start('--reset');
    expect(await ids()).toEqual([]);
    expect(await readFile(join(data, 'tls', 'ca.crt'), 'utf8')).toBe(authority);
    await stopAll();
    await start('--seed', seed);
    expect(await ids()).toContain(
      'Microsoft.MachineLearningServices/workspaces/seeded/environments/e/versions/1',
    );
    await rm(seed);
    await stopAll();
  });

  it('refuses to empty a folder that is not its own', async () => {
    const other = await mkdtemp(join(tmpdir(), 'precious-'));
    await writeFile(join(other, 'thesis.txt'), '');
    await expect(runBin(['--reset', '--data', other], process.env)).rejects.toThrow('nothing was removed');
    expect(await readFile(join(other, 'thesis.txt'), 'utf8')).toBe('');
    await rm(other, { recursive: true });
  });

  it('tells a person how each client finds it', async () => {
    const bin = fileURLToPath(new URL('../../bin/azureml-emulator.js', import.meta.url));
    const child = spawn(process.execPath, [bin, '--port', '0', '--data', data, '--reset']);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await expect.poll(() => text, { timeout: 30_000 }).toContain('curl -H');
    for (const part of [
      'export ARM_CLOUD_METADATA_URL',
      'MLClient(',
      'mlflow.log_metric',
      '@azure/arm-machinelearning',
    ])
      expect(text).toContain(part);
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
  });
});
