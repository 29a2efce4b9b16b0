import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { servedText } from '../../../src/cli/init/live.js';
import { startEmulator } from '../../../emulator/src/index.js';
import { runHere } from '../support.js';

const subscription = '00000000-0000-0000-0000-000000000001';
const scope = `/subscriptions/${subscription}/resourceGroups/ml`;

test('what serves becomes the first champion, by deployment, share and model', () => {
  const model = `${scope}/providers/Microsoft.MachineLearningServices/workspaces/w/models/churn/versions/3`;
  expect(
    servedText('churn', { traffic: { blue: 90, green: 10 } }, [{ name: 'Blue', model }, { name: 'green' }]),
  ).toMatch(
    /^churn serves blue 90 % \(churn:3\), green 10 % \(a model of its own\): it becomes the first champion/,
  );
  expect(servedText('churn', { traffic: {} }, [])).toContain('gives no deployment traffic');
});

test('asks the workspace that the scripts or the options name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mlops-live-'));
  const emulator = await startEmulator({ dataDir: join(folder, 'azure'), quiet: true, lroDelayMs: 20 });
  try {
    const repository = join(folder, 'repository');
    execFileSync('git', ['init', '-q', repository]);
    await writeFile(
      join(repository, 'train.yml'),
      'command: python train.py\nenvironment: azureml:e@latest\n',
    );
    await writeFile(
      join(repository, 'endpoint.yml'),
      '$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json\nname: churn\n',
    );
    await writeFile(
      join(repository, 'blue.yml'),
      '$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json\nname: blue\nendpoint_name: churn\nmodel: azureml:m:1\ninstance_type: Standard_DS2_v2\ninstance_count: 1\n',
    );
    for (const path of [scope, `${scope}/providers/Microsoft.MachineLearningServices/workspaces/wsp`]) {
      const answer = await fetch(`${emulator.url}${path}?api-version=2024-04-01`, {
        method: 'PUT',
        headers: { authorization: 'Bearer local', 'content-type': 'application/json' },
        body: JSON.stringify({ location: 'westeurope', properties: {} }),
      });
      expect(answer.ok).toBe(true);
    }
    const place = {
      cwd: repository,
      env: { MLOPS_AZURE_URL: emulator.url, MLOPS_BLOB_URL: emulator.blobUrl },
    };
    const told = await runHere(
      [
        'init',
        '--dry-run',
        '--live',
        '--subscription',
        subscription,
        '--resource-group',
        'ml',
        '--workspace',
        'wsp',
        '--location',
        'westeurope',
      ],
      place,
    );
    expect(told.out, told.err).toContain('churn does not exist yet: the first release makes it');
    const unknown = await runHere(['init', '--dry-run', '--live'], place);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('give --subscription, --resource-group, --workspace and --location');
  } finally {
    await emulator.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
