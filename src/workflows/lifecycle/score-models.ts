import { isCancellation } from '@temporalio/workflow';
import type { EvaluatedModel, Evaluation, SubmittedJob } from '../../activities/contract.js';
import type { CandidateResult, ChampionScore, FinishedCandidate } from '../../domain/evaluation.js';
import { awaitJob, submitJob } from '../awaiting.js';
import { messageOf } from '../failures.js';
import { activitiesFor, at, type Lifecycle } from './context.js';
import { inParallel } from './in-parallel.js';
import { sparingJobs } from './sparing-jobs.js';

/** What the gate judges: everybody's metrics, measured on the same data. */
export interface Scored {
  readonly candidates: readonly CandidateResult[];
  readonly champion?: ChampionScore;
}

type Outcome = Evaluation | { readonly problem: string };

/**
 * Runs the gate's evaluation job over the champion and every candidate that left a model, and measures each
 * candidate's gain. `undefined` when a newer commit took its place.
 */
export async function scoreModels(
  lifecycle: Lifecycle,
  { candidates, champion }: Scored,
  pins: Record<string, string>,
): Promise<Scored | undefined> {
  lifecycle.tracker.phase('train', 'running', 'scoring candidates and champion on the same data');
  return await sparingJobs(lifecycle, async (submitted) => {
    const outcomes = await scoreAll(
      lifecycle,
      { candidates, ...(champion && { champion }) },
      pins,
      submitted,
    );
    const theirs = champion === undefined ? undefined : outcomes.get(championKey);
    const judged: CandidateResult[] = [];
    for (const candidate of candidates)
      judged.push(await withOutcome(lifecycle, candidate, outcomes.get(candidate.candidate), theirs));
    return {
      candidates: judged,
      ...(champion !== undefined && theirs !== undefined && { champion: championWith(champion, theirs) }),
    };
  });
}

/** No candidate's name: those have no colon. */
const championKey = ':champion';

interface Task {
  readonly key: string;
  /** Part of the job's name. */
  readonly name: string;
  readonly model: EvaluatedModel;
}

async function scoreAll(
  lifecycle: Lifecycle,
  { candidates, champion }: Scored,
  pins: Record<string, string>,
  submitted: SubmittedJob[],
): Promise<Map<string, Outcome>> {
  const tasks: Task[] = [
    ...(champion === undefined
      ? []
      : [
          {
            key: championKey,
            name: 'evaluate-champion',
            model: { name: champion.model, version: champion.version },
          },
        ]),
    ...candidates.flatMap((result): Task[] =>
      result.kind === 'finished' && result.model !== undefined
        ? [{ key: result.candidate, name: `evaluate-${result.candidate}`, model: result.model }]
        : [],
    ),
  ];
  const outcomes = new Map<string, Outcome>();
  await inParallel(lifecycle.loaded.project.limits.parallel, tasks, async (task) => {
    outcomes.set(task.key, await scoreOne(lifecycle, task, pins, submitted));
  });
  return outcomes;
}

/** A model that cannot be scored is an answer about that model; only what ends the lifecycle is thrown. */
async function scoreOne(
  lifecycle: Lifecycle,
  { name, model }: Task,
  pins: Record<string, string>,
  submitted: SubmittedJob[],
): Promise<Outcome> {
  const { input, id, loaded, timing, parking } = lifecycle;
  const { workspace, limits } = loaded.project;
  const activities = activitiesFor(lifecycle, workspace);
  const request = { ...at(lifecycle), candidate: name, lifecycleId: id, trigger: input.trigger, pins, model };
  try {
    const job = await parking.step(`submit ${name}`, () =>
      submitJob((attempt) => activities.transfer.submitEvaluation({ ...request, attempt })),
    );
    submitted.push(job);
    const end = await awaitJob(activities, parking, job, limits, timing);
    return await parking.step(`read ${name}`, () =>
      activities.quick.readEvaluation({ ...at(lifecycle), submitted: job, end }),
    );
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { problem: messageOf(error) };
  }
}

async function withOutcome(
  lifecycle: Lifecycle,
  candidate: CandidateResult,
  ours: Outcome | undefined,
  theirs: Outcome | undefined,
): Promise<CandidateResult> {
  if (candidate.kind === 'failed' || ours === undefined) return candidate;
  if ('problem' in ours) {
    const { candidate: name, job, link } = candidate;
    return { kind: 'failed', candidate: name, job, link, reason: `it could not be scored: ${ours.problem}` };
  }
  if (theirs === undefined || 'problem' in theirs) return scoredBy(candidate, ours);
  const gain = await lifecycle.parking.step(`compare ${candidate.candidate}`, () =>
    activitiesFor(lifecycle, lifecycle.loaded.project.workspace).transfer.measureGain({
      ...at(lifecycle),
      challenger: ours,
      champion: theirs,
    }),
  );
  const scored = scoredBy(candidate, ours);
  return { ...scored, evaluation: { ...scored.evaluation, ...gain } };
}

/** What the evaluation measured goes before what training logged; its data belongs to the lineage. */
function scoredBy(
  candidate: FinishedCandidate,
  { job, link, data, metrics }: Evaluation,
): FinishedCandidate & { readonly evaluation: NonNullable<FinishedCandidate['evaluation']> } {
  const named = Object.entries(data).map(([input, version]) => [`evaluate.${input}`, version] as const);
  return {
    ...candidate,
    metrics: { ...candidate.metrics, ...metrics },
    data: { ...candidate.data, ...Object.fromEntries(named) },
    evaluation: { job, link, data },
  };
}

/** Its metrics of another time would be measured on other data. */
function championWith(champion: ChampionScore, theirs: Outcome): ChampionScore {
  if ('problem' in theirs) return { ...champion, evaluation: theirs };
  const { metrics, ...evaluation } = theirs;
  return { ...champion, metrics, evaluation };
}
