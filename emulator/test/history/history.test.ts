import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { W, startHarness } from '../runner/harness.js';
import type { Harness } from '../runner/harness.js';

describe('run history', () => {
  let emulator: Harness;
  let base: string;
  beforeAll(async () => {
    emulator = await startHarness();
    base = `${emulator.ctx.baseUrl()}/history/v1.0${W}`;
    emulator.put('/environments/plain/versions/1', { condaFile: 'dependencies: [python, pip]' });
    const environmentId = `${W}/environments/plain/versions/1`;
    await emulator.submit('told', { environmentId, command: 'echo hello; exit 3' });
    await emulator.until('told');
  });
  afterAll(() => emulator.stop());

  async function call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown }> {
    const sent =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(base + path, { method, ...sent });
    return { status: response.status, body: await response.json() };
  }

  it('shows status, error and logs that can be read without a key', async () => {
    const { body } = await call('GET', '/runs/told/details?api-version=v1.0');
    expect(body).toMatchObject({ runId: 'told', status: 'Failed', error: { error: { code: 'UserError' } } });
    const { logFiles } = body as { logFiles: Record<string, string> };
    const log = await fetch(logFiles['user_logs/std_log.txt'] ?? '');
    expect(await log.text()).toBe('hello\n');
    expect((await call('POST', '/rundata', { runId: 'told' })).body).toMatchObject({
      runMetadata: { runId: 'told' },
    });
  });

  it('archives and renames a job', async () => {
    await call('PATCH', '/experiments/Default/runs/told', {
      hidden: true,
      displayName: 'new',
      tags: { a: 'b' },
    });
    expect(emulator.job('told')).toMatchObject({ isArchived: true, displayName: 'new', tags: { a: 'b' } });
  });

  it('gives URLs to which artifacts are uploaded', async () => {
    const { body } = await call('POST', '/experiments/Default/runs/told/artifacts/batch/metadata', {
      paths: [{ path: 'plots/roc.txt' }],
    });
    const { artifactContentInformation } = body as {
      artifactContentInformation: Record<string, { contentUri: string }>;
    };
    const headers = { 'x-ms-blob-type': 'BlockBlob' };
    const url = artifactContentInformation['plots/roc.txt']?.contentUri ?? '';
    expect((await fetch(url, { method: 'PUT', body: 'curve', headers })).status).toBe(201);
    expect(await emulator.artifact('told', 'plots/roc.txt')).toBe('curve');
  });

  it('answers unknown runs and broken requests with Azure errors', async () => {
    expect(await call('GET', '/runs/none/details')).toMatchObject({
      status: 404,
      body: { error: { code: 'UserError' } },
    });
    expect(await call('POST', '/rundata', {})).toMatchObject({
      status: 400,
      body: { error: { code: 'UserError' } },
    });
  });

  it('lets MLflow answer errors in its own form', async () => {
    expect(await emulator.mlflow('GET', 'runs/get?run_id=none')).toEqual({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Run with id=none was not found.' },
    });
    const broken = await emulator.mlflow('POST', 'runs/log-metric', {
      run_id: 'told',
      key: 'x',
      value: 'high',
    });
    expect(broken).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    await emulator.mlflow('POST', 'runs/log-parameter', { run_id: 'told', key: 'p', value: '1' });
    const changed = await emulator.mlflow('POST', 'runs/log-parameter', {
      run_id: 'told',
      key: 'p',
      value: '2',
    });
    expect(changed.body['message']).toContain("already logged with value='1'");
  });
});
