import { CancellationScope, executeChild, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { CandidateResult, ChampionScore, GateVerdict } from '../../domain/evaluation.js';
import { judge } from '../../domain/gate.js';
import { trainingId } from '../../domain/keys.js';
import { awaitJob, submitJob } from '../awaiting.js';
import { failure } from '../failures.js';
import type { training } from '../training.js';
import { activitiesFor, at, type Lifecycle } from './context.js';

/** What model development came to. */
export interface Development {
  readonly candidates: readonly CandidateResult[];
  readonly champion?: ChampionScore;
  readonly gate: GateVerdict;
}

/** Model development: prepare and check the data, train every candidate, hold them against the gate and the champion. */
export async function develop(lifecycle: Lifecycle): Promise<Development> {
  const { tracker, loaded } = lifecycle;
  const { project } = loaded;
  tracker.phase('train', 'running', project.data.prepare === undefined ? 'training' : 'preparing the data');
  const pins = await prepareData(lifecycle);
  await checkData(lifecycle, pins);

  tracker.phase('train', 'running', `training ${project.candidates.map(({ name }) => name).join(', ')}`);
  const candidates = await trainAll(lifecycle, pins);
  const champion = await championOf(lifecycle);
  const gate = judge(project.gate, candidates, champion);
  tracker.status.candidates = candidates;
  tracker.status.gate = gate;
  const report = await lifecycle.parking.step('evaluation report', () =>
    activitiesFor(lifecycle, project.workspace).transfer.writeEvaluationReport({
      ...at(lifecycle),
      trigger: lifecycle.input.trigger,
      candidates,
      gate,
      ...(champion === undefined ? {} : { champion }),
    }),
  );
  tracker.status.report = report.report;
  const met = gate.verdicts.some(({ passed }) => passed);
  tracker.phase('train', met ? 'done' : 'failed', gate.summary);
  return { candidates, gate, ...(champion === undefined ? {} : { champion }) };
}

/** Runs the preparation job; from then on `@latest` of what it made means the version that this lifecycle made. */
async function prepareData(lifecycle: Lifecycle): Promise<Record<string, string>> {
  const { loaded, input, id, timing, parking } = lifecycle;
  const { workspace, data, limits } = loaded.project;
  if (data.prepare === undefined) return {};
  const activities = activitiesFor(lifecycle, workspace);
  const request = { ...at(lifecycle), lifecycleId: id, trigger: input.trigger, pins: {} };
  const submitted = await parking.step('submit data preparation', () =>
    submitJob((attempt) => activities.transfer.submitPrepare({ ...request, attempt })),
  );
  const end = await awaitJob(activities, parking, submitted, limits, timing);
  if (end.status !== 'Completed') {
    throw failure(
      'JobFailed',
      `data preparation ${submitted.job} ${end.status.toLowerCase()}: ${end.error ?? ''}\n${end.log ?? ''}\n${submitted.link}`,
    );
  }
  return await parking.step('prepared data', () =>
    activities.quick.jobDataOutputs({ workspace, job: submitted.job }),
  );
}

async function checkData(lifecycle: Lifecycle, pins: Record<string, string>): Promise<void> {
  const { loaded, parking } = lifecycle;
  if (loaded.project.data.validate === undefined) return;
  const checked = await parking.step('check data', () =>
    activitiesFor(lifecycle, loaded.project.workspace).transfer.validateData({ ...at(lifecycle), pins }),
  );
  if (!checked.ok) throw failure('DataInvalid', checked.findings.join('; '));
  lifecycle.tracker.note(...checked.findings);
}

/** Every candidate is a workflow of its own; one that fails does not sink the others. At most `parallel` run at once. */
async function trainAll(lifecycle: Lifecycle, pins: Record<string, string>): Promise<CandidateResult[]> {
  const { candidates, limits } = lifecycle.loaded.project;
  const results: (CandidateResult | undefined)[] = candidates.map(() => undefined);
  const queue = candidates.map((candidate, position) => ({ candidate, position }));
  const finished = (): CandidateResult[] => results.filter((result) => result !== undefined);
  const runNext = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results[next.position] = await trainOne(lifecycle, next.candidate.name, pins);
      lifecycle.tracker.status.candidates = finished();
      lifecycle.tracker.show();
    }
  };
  await allOrNone(Array.from({ length: Math.min(limits.parallel, candidates.length) }, () => runNext));
  return finished();
}

/**
 * Runs side by side. When one throws, the others are cancelled and waited for: a lifecycle that ended before its
 * children had cancelled their jobs would leave the jobs running.
 */
async function allOrNone(runs: readonly (() => Promise<void>)[]): Promise<void> {
  const scope = new CancellationScope();
  await scope.run(async () => {
    const settled = await Promise.allSettled(
      runs.map(async (run) => {
        try {
          await run();
        } catch (error) {
          scope.cancel();
          throw error;
        }
      }),
    );
    const failed = settled
      .filter((result) => result.status === 'rejected')
      .map(({ reason }) => reason as Error);
    const cause = failed.find((error) => !isCancellation(error)) ?? failed[0];
    if (cause !== undefined) throw cause;
  });
}

async function trainOne(
  lifecycle: Lifecycle,
  candidate: string,
  pins: Record<string, string>,
): Promise<CandidateResult> {
  const { input, id, loaded, timing } = lifecycle;
  const { workspace, limits } = loaded.project;
  return await executeChild<typeof training>('training', {
    workflowId: trainingId(id, candidate),
    args: [
      {
        ...at(lifecycle),
        candidate,
        lifecycleId: id,
        trigger: input.trigger,
        pins,
        limits,
        taskQueue: loaded.queues[workspace] ?? workflowInfo().taskQueue,
        timing,
      },
    ],
    staticSummary: candidate,
  });
}

/** The gate compares with what serves in the last environment. */
async function championOf(lifecycle: Lifecycle): Promise<ChampionScore | undefined> {
  const { project, endpoints } = lifecycle.loaded;
  const last = project.environments.at(-1);
  const target = last === undefined ? undefined : endpoints[last.name];
  if (last === undefined || target === undefined) return undefined;
  const champion = await lifecycle.parking.step('champion', () =>
    activitiesFor(lifecycle, last.workspace).quick.championOf({
      ...at(lifecycle),
      target,
      modelWorkspace: project.workspace,
    }),
  );
  return champion ?? undefined;
}
