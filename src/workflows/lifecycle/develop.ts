import type { SubmittedJob } from '../../activities/contract.js';
import type { CandidateResult, ChampionScore, GateVerdict } from '../../domain/evaluation.js';
import { judge } from '../../domain/gate.js';
import { awaitJob, submitJob } from '../awaiting.js';
import { failure } from '../failures.js';
import { activitiesFor, at, type Lifecycle } from './context.js';
import { unlessNewer, untilNewer } from '../giving-way.js';
import { type Scored, scoreModels } from './score-models.js';
import { trainAll } from './train-candidates.js';
import { withContracts } from './compare-signatures.js';

/** What model development came to. */
export interface Development {
  readonly candidates: readonly CandidateResult[];
  readonly champion?: ChampionScore;
  readonly gate: GateVerdict;
}

/**
 * Model development: prepare and check the data, train every candidate, hold them against the gate and the champion.
 * `undefined` when a newer commit took its place.
 */
export async function develop(lifecycle: Lifecycle): Promise<Development | undefined> {
  const { tracker, loaded, superseded } = lifecycle;
  const { project } = loaded;
  tracker.phase('train', 'running', project.data.prepare === undefined ? 'training' : 'preparing the data');
  const pins = await prepareData(lifecycle);
  if (pins === undefined || superseded() !== undefined) return undefined;
  const checked = await untilNewer(superseded, () => checkData(lifecycle, pins));
  if (checked === undefined) return undefined;

  tracker.phase('train', 'running', `training ${project.candidates.map(({ name }) => name).join(', ')}`);
  const candidates = await trainAll(lifecycle, pins);
  if (superseded() !== undefined) return undefined;
  const found = await untilNewer(superseded, async () => ({ champion: await championOf(lifecycle) }));
  if (found === undefined) return undefined;
  const { champion } = found;
  const trained: Scored = { candidates, ...(champion === undefined ? {} : { champion }) };
  const scored = project.gate?.evaluate === undefined ? trained : await scoreModels(lifecycle, trained, pins);
  return scored && (await untilNewer(superseded, () => evaluate(lifecycle, scored)));
}

/** The gate's verdict on the candidates, and the report that shows it. */
async function evaluate(lifecycle: Lifecycle, scored: Scored): Promise<Development> {
  const { tracker, loaded } = lifecycle;
  const { project } = loaded;
  const { champion } = scored;
  const candidates = await withContracts(lifecycle, scored.candidates, champion);
  const last = project.environments.at(-1);
  const gate = judge(project.gate, candidates, champion, {
    ...(project.contract !== undefined && { rule: project.contract }),
    ...(last !== undefined && { last }),
  });
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
async function prepareData(lifecycle: Lifecycle): Promise<Record<string, string> | undefined> {
  const { loaded, concurrency, superseded } = lifecycle;
  const { workspace, data } = loaded.project;
  if (data.prepare === undefined) return {};
  const { quick } = activitiesFor(lifecycle, workspace);
  let job: string | undefined;
  const runningMs = async () => (job === undefined ? null : await quick.jobRunningMs({ workspace, job }));
  return await unlessNewer(superseded, { spareMs: concurrency.spareMs, runningMs }, () =>
    runPreparation(lifecycle, (submitted) => {
      job = submitted.job;
    }),
  );
}

async function runPreparation(
  lifecycle: Lifecycle,
  begun: (submitted: SubmittedJob) => void,
): Promise<Record<string, string>> {
  const { loaded, input, id, timing, parking } = lifecycle;
  const { workspace, limits } = loaded.project;
  const activities = activitiesFor(lifecycle, workspace);
  const request = { ...at(lifecycle), lifecycleId: id, trigger: input.trigger, pins: {} };
  const submitted = await parking.step('submit data preparation', () =>
    submitJob((attempt) => activities.transfer.submitPrepare({ ...request, attempt })),
  );
  begun(submitted);
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

async function checkData(lifecycle: Lifecycle, pins: Record<string, string>): Promise<true> {
  const { loaded, parking } = lifecycle;
  if (loaded.project.data.validate === undefined) return true;
  const checked = await parking.step('check data', () =>
    activitiesFor(lifecycle, loaded.project.workspace).transfer.validateData({ ...at(lifecycle), pins }),
  );
  if (!checked.ok) throw failure('DataInvalid', checked.findings.join('; '));
  lifecycle.tracker.note(...checked.findings);
  return true;
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
