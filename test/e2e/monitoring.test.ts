import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBlob, writeBlob } from '../../src/azureml/index.js';
import type { EndpointStatus, LifecycleStatus, MonitoringResult } from '../../src/workflows/messages.js';
import { messages, workflowTypes } from '../../src/workflows/messages.js';
import { lookNow, looksAt } from '../../tools/local/monitoring.js';
import { type Caller, callerOf, score } from '../../tools/local/traffic.js';
import { workspaceOf } from '../../tools/local/workspace.js';
import { edit, Stack } from '../support/stack.js';
import { type Tiny, tiny, tinyEntries } from '../support/tiny.js';

interface Job {
  readonly name: string;
  readonly properties: { readonly status: string; readonly tags: Readonly<Record<string, string>> };
}

let stack: Stack;
let project: Tiny;
let released: LifecycleStatus;
let caller: Caller;

const requests = 8;
const rowsPerRequest = 20;
/** The emulator's collector writes each second. */
const collectedMs = 3_000;

const collecting = `data_collector:
  collections:
    model_inputs: { enabled: 'True' }
    model_outputs: { enabled: 'True' }
`;
const monitor = `monitor:
      schedule: '0 6 * * *'
      baseline: 'azureml:watched-train@latest'
      min_rows: 100
      thresholds: { numerical: 0.4, categorical: 0.3 }
      on_breach: retrain
      engine: azureml
      predictions: { baseline: 'y', output: output }
      performance: { labels: 'azureml:watched-labels@latest', label: truth, require: { accuracy: '>= 0.9' } }
`;
const script = `import json
import os
from pathlib import Path

state = {}


def init():
    model = next(Path(os.environ["AZUREML_MODEL_DIR"]).rglob("model.json"))
    state["threshold"] = json.loads(model.read_text())["threshold"]


def run(raw_data):
    rows = json.loads(raw_data)["input_data"]["data"]
    return [int(x > state["threshold"]) for (x,) in rows]
`;

function body(points: readonly number[]): string {
  return JSON.stringify({ input_data: { columns: ['x'], data: points.map((x) => [x]) } });
}

/** Points of one request, evenly over the range of the training data. */
function pointsOf(request: number): number[] {
  const count = requests * rowsPerRequest;
  return Array.from({ length: rowsPerRequest }, (_, row) => ((row * requests + request + 0.5) * 10) / count);
}

/** What the hospital found out later: a version of the labels, true where `truth` says so. */
async function labels(version: string, truth: (x: number) => boolean): Promise<void> {
  const lines = Array.from({ length: requests }, (_, request) =>
    pointsOf(request).map((x, row) => `request-${request}_${row},${Number(truth(x))}`),
  ).flat();
  const path = `watched/labels-${version}/labels.csv`;
  const text = ['correlationid,truth', ...lines].join('\n');
  await writeBlob(await workspaceOf(stack.machine.addresses, 'dev'), path, text);
  await stack.azure.put('dev', `data/watched-labels/versions/${version}`, {
    properties: {
      dataType: 'uri_file',
      dataUri: `azureml://datastores/workspaceblobstore/paths/${path}`,
    },
  });
}

beforeAll(async () => {
  stack = await Stack.start(tinyEntries('watched'));
  project = await tiny(stack, 'watched');
  const { dir } = project;
  await edit(dir, 'mlops.yaml', [
    "monitor: { schedule: '0 6 * * *', baseline: 'azureml:watched-train@latest' }\n",
    monitor,
  ]);
  await edit(dir, 'azureml/deployment.yml', ['instance_count: 1\n', `instance_count: 1\n${collecting}`]);
  await writeFile(join(dir, 'serve/score.py'), script);
  await writeFile(join(dir, 'azureml/requests.json'), body([1.5, 8.25]));
  const id = await stack.start(project);
  await stack.approve(id);
  released = await stack.ended(id);
  const release = Object.values(released.releases).find(({ endpoint }) => endpoint === 'watched');
  caller = await callerOf(stack.machine.addresses, 'prod', 'watched', release?.scoringUri ?? '');
});
afterAll(() => stack.stop());

test('nobody asked yet: there is nothing to judge by', async () => {
  expect(released.verdict).toBe('released');
  const look = await lookNow(stack.client);
  expect(look.verdict).toBe('missing_data');
  // What tested the release was collected too, and is no traffic.
  expect(look.summary).toMatch(/^no request was collected in the window/);
  expect(look.summary).toContain('there are no labels yet: no data asset azureml:watched-labels@latest');
});

test('labels that come later are joined to the answers, and good ones pass', async () => {
  for (let request = 0; request < requests; request += 1) {
    const answer = await score(caller, body(pointsOf(request)), `request-${request}`);
    expect(answer.status).toBe(200);
  }
  await pause(collectedMs);
  const early = await lookNow(stack.client);
  expect(early.verdict).toBe('missing_data');
  expect(early.summary).toMatch(/^no drift in 1 feature.*predictions: no drift in 1 feature.*no labels yet/);

  await labels('1', (x) => x > 5);
  const look = await lookNow(stack.client);
  expect(look.summary).toMatch(/performance: accuracy 0\.9\d* ≥ 0\.9 ✓|performance: accuracy 1 ≥ 0\.9 ✓/);
  expect(look.verdict).toBe('ok');
  expect(look.findings.map(({ feature }) => feature)).toEqual(['x', 'y']);
  const report = await readBlob(await workspaceOf(stack.machine.addresses, 'prod'), look.report ?? '');
  expect(report).toContain('accuracy');
});

test('the job measured next to the data, in the workspace that serves, what the worker measures', async () => {
  const { value: jobs = [] } = (await stack.azure.get<{ value: Job[] }>('prod', 'jobs')) ?? {};
  const own = jobs.filter(({ name }) => name.startsWith('watched-monitor-watched-'));
  expect(own).toHaveLength(3);
  for (const { properties } of own) {
    expect(properties).toMatchObject({ status: 'Completed', tags: { 'mlops.project': 'watched' } });
    expect(properties.tags['mlops.lifecycle']).toMatch(/^mlops\/monitor\//);
  }
  const byJob = await lookNow(stack.client);
  const [{ engine, ...input }] = await looksAt(stack.client);
  expect(engine).toBe('azureml');
  const byWorker = (await stack.client.workflow.execute(workflowTypes.monitoring, {
    ...{ workflowId: 'watched-by-worker', taskQueue: input.taskQueue, args: [input] },
  })) as MonitoringResult;
  expect(byWorker.findings).toHaveLength(2);
  expect({ ...byWorker, report: byJob.report }).toEqual(byJob);
});

test('a world that has changed is a breach, and the owner retrains', async () => {
  await labels('2', (x) => x > 7);
  const look = await lookNow(stack.client);
  expect(look.verdict).toBe('breach');
  expect(look.summary).toMatch(/performance: accuracy 0\.8\d* is not ≥ 0\.9 ✗/);
  const release = Object.values(released.releases).find(({ endpoint }) => endpoint === 'watched');
  const owner = stack.client.workflow.getHandle(release?.owner ?? '');
  const event = await stack.eventually(
    () => 'the owner starts a retraining',
    async () => {
      const { events } = await owner.query<EndpointStatus>(messages.status);
      return events.find(({ what }) => what.includes('retraining started'));
    },
  );
  expect(event.what).toContain('accuracy');
});

test('labels without the column that is asked for are told, and judge nothing', async () => {
  const path = 'watched/labels-3/labels.csv';
  await writeBlob(await workspaceOf(stack.machine.addresses, 'dev'), path, 'id,truth\nrequest-0_0,1\n');
  await stack.azure.put('dev', 'data/watched-labels/versions/3', {
    properties: {
      dataType: 'uri_file',
      dataUri: `azureml://datastores/workspaceblobstore/paths/${path}`,
    },
  });
  const look = await lookNow(stack.client);
  expect(look.verdict).toBe('missing_data');
  expect(look.summary).toContain(
    'labels of azureml:watched-labels@latest: the labels have no column correlationid; they have id, truth',
  );
});
