import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { reportingId, setupId, trainingId } from '../../src/domain/keys.js';
import { type MonitoringInput, workflowTypes } from '../../src/workflows/messages.js';
import { endpointWorkflowId, failure } from './fake-activities.js';
import { recordBatch } from './record-batch.js';
import {
  approve,
  endpointOf,
  endpointStatusOf,
  push,
  questionOf,
  sourceOf,
  statusOf,
  until,
} from './workflow-driving.js';
import { historiesFolder } from './replaying.js';
import type { Lab } from './workflow-lab.js';
import {
  candidate,
  championOfOld,
  dailyMonitor,
  environment,
  evaluatingGate,
  production,
  project,
  staging,
  straightTo,
} from './workflow-projects.js';

const parts = {
  release: recordRelease,
  blocked: recordBlocked,
  cancelled: recordCancelled,
  surfaces: recordSurfaces,
  polling: recordPolling,
  renewed: recordRenewed,
  superseded: recordSuperseded,
  retired: recordRetired,
  midway: recordMidway,
  scored: recordScored,
  checked: recordChecked,
  batch: (lab: Lab) => recordBatch(lab, write),
};

/**
 * Writes what the workflows do now, so that later code must be able to go on with it: workflows outlive deployments.
 * `wanted` names one part, which is added to what was recorded; anything else writes all of them anew.
 */
export async function recordHistories(lab: Lab, wanted: string): Promise<void> {
  const part = Object.entries(parts).find(([name]) => name === wanted);
  if (part === undefined) await rm(historiesFolder, { recursive: true, force: true });
  await mkdir(historiesFolder, { recursive: true });
  for (const record of part === undefined ? Object.values(parts) : [part[1]]) await record(lab);
}

async function write(name: string, handle: WorkflowHandle): Promise<void> {
  const json = historyToJSON(await handle.fetchHistory());
  await writeFile(join(historiesFolder, `${name}.json`), `${anonymous(json)}\n`);
}

/** Names of machines and processes, and the traces of failures, say nothing to a replay. */
function anonymous(json: string): string {
  const value: unknown = JSON.parse(json, (key, field: unknown) => {
    if (key === 'identity' || key === 'stackTrace') return undefined;
    // A worker's sticky queue is called after its process and machine.
    return typeof field === 'string' && /^\d+@/.test(field) ? 'sticky' : field;
  });
  return JSON.stringify(value);
}

/** Two releases to production, the second with steps; then a look that finds drift, and a rollback. */
async function recordRelease(lab: Lab): Promise<void> {
  const target = { ...production, monitor: dailyMonitor };
  const stage = lab.stage({
    project: project({
      candidates: [candidate('boosted')],
      data: { prepare: { file: 'prepare.yml', set: {} } },
      environments: [target],
    }),
    activities: {
      analyseDrift: () =>
        Promise.resolve({ verdict: 'breach', summary: 'BMI drifted', findings: [], onBreach: 'rollback' }),
    },
  });
  for (const commit of [1, 2]) {
    const handle = await push(stage, { commit });
    await approve(handle);
    await handle.result();
    if (commit === 1) continue;
    await write('lifecycle-released', handle);
    await write('setup-checked', stage.client.workflow.getHandle(setupId(handle.workflowId)));
    await write(
      'training-finished',
      stage.client.workflow.getHandle(trainingId(handle.workflowId, 'boosted')),
    );
  }
  const look = await stage.client.workflow.start(workflowTypes.monitoring, {
    workflowId: `mlops/monitor/${stage.scope}/production`,
    taskQueue: stage.taskQueue,
    args: [
      {
        workspace: 'dev',
        endpoint: 'production',
        endpointWorkflowId: endpointWorkflowId(stage.scope, 'production'),
        source: sourceOf(stage, 2),
        project: 'diabetes',
        environment: 'production',
        taskQueue: stage.taskQueue,
        timing: stage.timing,
      } satisfies MonitoringInput,
    ],
  });
  await look.result();
  await write('monitoring-breach', look);
  const owner = endpointOf(stage, 'production');
  await until('the rollback', async () =>
    (await endpointStatusOf(owner)).events.some(({ what }) => what.includes('serves again'))
      ? true
      : undefined,
  );
  await write('endpoint-rolled-back', owner);
}

async function recordBlocked(lab: Lab): Promise<void> {
  let quota = false;
  const stage = lab.stage({
    project: straightTo(environment('live')),
    endpointInput: { historyLimit: 20 },
    activities: (ok) => ({
      beginDeployment: (input) =>
        quota ? ok.beginDeployment(input) : Promise.reject(failure('QuotaExceeded', 'no cores left')),
    }),
  });
  const handle = await push(stage);
  await until('the lifecycle to be blocked', async () => (await statusOf(handle)).blocked);
  const owner = endpointOf(stage, 'live');
  const { runId } = await owner.describe();
  quota = true;
  await handle.signal('retry');
  await handle.result();
  await write('lifecycle-blocked', handle);
  const firstRun = stage.client.workflow.getHandle(owner.workflowId, runId);
  await until('the owner to continue as new', async () =>
    (await firstRun.describe()).status.name === 'CONTINUED_AS_NEW' ? true : undefined,
  );
  await write('endpoint-continued-as-new', firstRun);
}

async function recordCancelled(lab: Lab): Promise<void> {
  const stage = lab.stage({
    project: straightTo(environment('live')),
    activities: { lookAtJob: () => Promise.reject(failure('NotYet', 'it runs')) },
  });
  const handle = await push(stage);
  await until('a look at the job', () => stage.fakes.of('lookAtJob')[0]);
  await handle.cancel();
  await handle.result().catch(() => undefined);
  await write('lifecycle-cancelled', handle);
  await write(
    'training-cancelled',
    stage.client.workflow.getHandle(trainingId(handle.workflowId, 'boosted')),
  );
}

/** A newer commit comes while one job has run for a minute, and another for longer than is cut short. */
async function recordSuperseded(lab: Lab): Promise<void> {
  let finished = false;
  const stage = lab.stage({
    project: project({ candidates: [candidate('logistic'), candidate('boosted')], environments: [] }),
    activities: (ok) => ({
      lookAtJob: (input) => (finished ? ok.lookAtJob(input) : Promise.reject(failure('NotYet', 'it runs'))),
      jobRunningMs: ({ job }) => Promise.resolve(job.startsWith('logistic') ? 60_000 : 2 * 3_600_000),
    }),
  });
  const handle = await push(stage);
  await until('both jobs to be looked at', () =>
    new Set(stage.fakes.of('lookAtJob').map(({ job }) => job)).size === 2 ? true : undefined,
  );
  await handle.signal('superseded', { by: 'mlops/newer', commit: '2'.repeat(40) });
  await until('a job to be cancelled', () => stage.fakes.of('cancelJob')[0]);
  finished = true;
  await handle.result();
  await write('lifecycle-superseded', handle);
  for (const name of ['logistic', 'boosted'])
    await write(
      `training-superseded-${name}`,
      stage.client.workflow.getHandle(trainingId(handle.workflowId, name)),
    );
}

/** GitHub is away until the lifecycle has ended. */
async function recordSurfaces(lab: Lab): Promise<void> {
  let away = true;
  const stage = lab.stage({
    project: straightTo(production),
    timing: { farewellMs: 200 },
    activities: () => ({
      report: () => (away ? Promise.reject(failure('Outage', 'GitHub is away')) : Promise.resolve()),
    }),
  });
  const handle = await push(stage);
  await approve(handle);
  await handle.result();
  away = false;
  const telling = stage.client.workflow.getHandle(reportingId(handle.workflowId));
  await telling.result();
  await write('lifecycle-github-away', handle);
  await write('reporting-caught-up', telling);
}

async function recordPolling(lab: Lab): Promise<void> {
  const stage = lab.stage({});
  const handle = await stage.client.workflow.start(workflowTypes.polling, {
    workflowId: `mlops/poll/${stage.scope}`,
    taskQueue: stage.taskQueue,
    args: [{ scheduleId: 'mlops/poll/test' }],
  });
  await handle.result();
  await write('polling-looked', handle);
}

/** A question whose run has grown long: both runs. */
async function recordRenewed(lab: Lab): Promise<void> {
  const stage = lab.stage({ project: straightTo(production) });
  const handle = await push(stage, { historyLimit: 250 });
  const { code } = await questionOf(handle);
  const { runId } = await handle.describe();
  for (let sent = 0; sent < 60; sent += 1) await handle.signal(`approve ${code}`, 'no object');
  await until('the question of the next run', async () =>
    (await questionOf(handle)).code === code ? undefined : true,
  );
  await approve(handle);
  await handle.result();
  await write('lifecycle-outgrown', stage.client.workflow.getHandle(handle.workflowId, runId));
  await write('lifecycle-renewed', stage.client.workflow.getHandle(handle.workflowId));
}

/** An endpoint whose environment is gone from mlops.yaml, which a lifecycle says; then it is retired. */
async function recordRetired(lab: Lab): Promise<void> {
  const stage = lab.stage({
    project: straightTo(production),
    activities: { strandedEndpoints: () => Promise.resolve(['old']) },
  });
  const handle = await push(stage);
  await approve(handle);
  await handle.result();
  await write('lifecycle-proposes-retiring', handle);
  const owner = endpointOf(stage, 'production');
  await owner.signal('retire', { reason: 'replaced' });
  const asked = await until('the question', async () => (await endpointStatusOf(owner)).approval);
  await owner.signal(asked.approve, { by: 'octocat' });
  await owner.result();
  await write('endpoint-retired', owner);
}

/** A rollout that goes on in a new run: the run that it leaves, and the one that it ends in. */
async function recordMidway(lab: Lab): Promise<void> {
  const steps = [{ kind: 'traffic', percent: 10, forMs: 600_000 }] as const;
  const rollout = { steps, abort: {}, keepPreviousMs: 3_600_000 };
  const stage = lab.stage({
    project: straightTo(environment('live', { rollout })),
    endpointInput: { historyLimit: 60 },
  });
  await (await push(stage)).result();
  const handle = await push(stage, { commit: 2 });
  const owner = endpointOf(stage, 'live');
  await until('the rollout', async () => (await endpointStatusOf(owner)).running?.rollout?.current);
  const { runId } = await owner.describe();
  const left = stage.client.workflow.getHandle(owner.workflowId, runId);
  await until('a new run', async () =>
    (await left.describe()).status.name === 'CONTINUED_AS_NEW' ? true : undefined,
  );
  await write('endpoint-midway-left', left);
  const resumed = stage.client.workflow.getHandle(owner.workflowId, (await owner.describe()).runId);
  await owner.signal('skip');
  await handle.result();
  await write('endpoint-midway-resumed', resumed);
}

/** Champion and candidate are scored by the gate's job before the gate judges them. */
async function recordScored(lab: Lab): Promise<void> {
  const stage = lab.stage({
    project: project({ gate: evaluatingGate, candidates: [candidate('boosted')], environments: [staging] }),
    activities: { championOf: () => Promise.resolve(championOfOld) },
  });
  const handle = await push(stage);
  await handle.result();
  await write('lifecycle-scored', handle);
}

/** The signature is held against the champion's, the package loaded and scored before it is registered. */
async function recordChecked(lab: Lab): Promise<void> {
  const stage = lab.stage({
    project: project({
      register: { name: 'diabetes', which: 'best', check: {} },
      contract: 'compatible',
      candidates: [candidate('boosted')],
      environments: [staging],
    }),
    activities: {
      championOf: () => Promise.resolve({ ...championOfOld, metrics: { AUC: 0.7 } }),
      compareSignatures: () => Promise.resolve({ boosted: { breaks: [], notes: ['output p is new'] } }),
    },
  });
  const handle = await push(stage);
  await handle.result();
  await write('lifecycle-checked', handle);
}
