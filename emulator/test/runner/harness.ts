import getPort from 'get-port';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startAzurite } from '../../src/blob/azurite.js';
import type { EmulatorContext } from '../../src/context.js';
import { createFaults } from '../../src/faults.js';
import { registerHistory } from '../../src/history/index.js';
import { registerMlflow } from '../../src/mlflow/index.js';
import { getResource, putResource } from '../../src/resources.js';
import type { Json, StoredResource } from '../../src/resources.js';
import { createRunner } from '../../src/runner/index.js';
import type { Runner } from '../../src/runner/index.js';
import { resolveUri, upload } from '../../src/runner/uris.js';
import { createApp } from '../../src/server.js';
import { createStore } from '../../src/store.js';

export const W =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg1/providers/Microsoft.MachineLearningServices/workspaces/ws1';

/** The packages that most tests need: one environment for all of them. */
export const CONDA = `
channels: [conda-forge]
dependencies:
  - python>=3.10
  - scikit-learn
  - pip
  - pip: [mlflow-skinny, pandas, skops]
`;

export interface Harness {
  readonly ctx: EmulatorContext;
  readonly runner: Runner;
  readonly lines: string[];
  readonly tracking: string;
  put(path: string, properties: Json): StoredResource;
  /** Uploads files to the default datastore and returns their folder's `azureml://` URI. */
  putFiles(path: string, files: Record<string, string>): Promise<string>;
  /** Stores code and a job that runs it, and submits it. */
  submit(name: string, properties: Json, code?: Record<string, string>): Promise<void>;
  job(name: string): Json & { status: string };
  /** Waits until the job has one of the statuses (by default: until it has ended) and returns its properties. */
  until(
    name: string,
    statuses?: string[],
  ): Promise<Json & { status: string; error?: { code: string; message: string } }>;
  /** Text of an artifact of a job. */
  artifact(job: string, path: string): Promise<string>;
  mlflow(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }>;
  stop(): Promise<void>;
}

/** Store, Blob, MLflow and the runner of an emulator, without ARM. */
export async function startHarness(): Promise<Harness> {
  const dataDir = await mkdtemp(join(tmpdir(), 'azureml-emulator-'));
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const store = createStore(dataDir);
  const blob = startAzurite({ dataDir, host: '127.0.0.1', port: await getPort(), log });
  let url = '';
  const ctx: EmulatorContext = {
    store,
    dataDir,
    baseUrl: () => url,
    publicUrl: () => url,
    blob,
    log,
    faults: createFaults(),
    lroDelayMs: 0,
  };
  const app = await createApp(ctx, () => undefined, [registerMlflow, registerHistory]);
  url = await app.listen({ port: 0, host: '127.0.0.1' });
  await blob.ready;
  const runner = createRunner(ctx);

  const put = (path: string, properties: Json) => {
    const now = new Date().toISOString();
    const systemData = { createdAt: now, createdBy: 'test', createdByType: 'User', lastModifiedAt: now };
    const resource = {
      id: `${W}${path}`,
      name: path.split('/').pop() ?? '',
      type: 'test',
      properties,
      systemData,
    };
    putResource(store, resource);
    return resource;
  };
  put('', { workspaceId: 'guid' });
  for (const name of ['workspaceblobstore', 'workspaceartifactstore']) {
    put(`/datastores/${name}`, { datastoreType: 'AzureBlob', containerName: name });
    await blob.service.getContainerClient(name).createIfNotExists();
  }
  put('/environments/sklearn/versions/1', { condaFile: CONDA, image: 'mcr.microsoft.com/azureml/base' });

  const putFiles = async (path: string, files: Record<string, string>) => {
    const dir = await mkdtemp(join(tmpdir(), 'files-'));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), text);
    }
    const uri = `azureml://datastores/workspaceblobstore/paths/${path}`;
    await upload(ctx, dir, resolveUri(ctx, W, uri));
    await rm(dir, { recursive: true });
    return uri;
  };
  const job = (name: string) => {
    const found = getResource(store, `${W}/jobs/${name}`);
    if (found === undefined) throw new Error(`no job ${name}`);
    return found.properties as Json & { status: string };
  };
  return {
    ctx,
    runner,
    lines,
    tracking: `${url}/mlflow/v2.0${W}`,
    put,
    putFiles,
    async submit(name, properties, code = {}) {
      const files = Object.keys(code).length > 0;
      if (files) put(`/codes/${name}/versions/1`, { codeUri: await putFiles(`code/${name}`, code) });
      const codeId = files ? { codeId: `${W}/codes/${name}/versions/1` } : {};
      const environmentId = `${W}/environments/sklearn/versions/1`;
      put(`/jobs/${name}`, {
        jobType: 'Command',
        status: 'NotStarted',
        environmentId,
        ...codeId,
        ...properties,
      });
      runner.submit(`${W}/jobs/${name}`.toLowerCase());
    },
    job,
    async until(name, statuses = ['Completed', 'Failed', 'Canceled']) {
      while (!statuses.includes(job(name).status)) await sleep(50);
      return job(name);
    },
    async artifact(name, path) {
      const { container, prefix } = resolveUri(
        ctx,
        W,
        `azureml://jobs/${name}/outputs/artifacts/paths/${path}`,
      );
      return (
        await blob.service.getContainerClient(container).getBlobClient(prefix).downloadToBuffer()
      ).toString();
    },
    async mlflow(method, path, body) {
      const response = await fetch(`${url}/mlflow/v1.0${W}/api/2.0/mlflow/${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      return { status: response.status, body: (await response.json()) as Json };
    },
    async stop() {
      await runner.stop();
      await app.close();
      await blob.stop();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs a Python script outside any job, with the given tracking server. */
export async function runPython(python: string, script: string, tracking: string): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    MLFLOW_TRACKING_URI: tracking,
  };
  const { stdout } = await promisify(execFile)(python, ['-c', script], { env });
  return stdout;
}
