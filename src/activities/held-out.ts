import { AzureError, type AzureMl, downloadAsset, findModel, workingRun } from '../azureml/index.js';
import { differentData } from '../domain/against-champion.js';
import type {
  CandidateResult,
  ChampionScore,
  FinishedCandidate,
  NamedPredicted,
} from '../domain/evaluation.js';
import { withTemporaryFolder } from './temporary-folder.js';
import { candidateOf } from './training.js';
import type { OpenProject } from './projects.js';
import { dataOf } from '../domain/tags.js';

/** Where a run logs what it predicted of held-out data: columns `label`, and `probability` or `prediction`. */
export const predictionArtifacts = ['csv', 'parquet', 'jsonl'].map(
  (ending) => `evaluation/predictions.${ending}`,
);
/** A report draws no more models than this, the champion among them. */
const mostCandidates = 3;

type Who = Pick<NamedPredicted, 'name' | 'role'>;

/**
 * Held-out predictions of the best candidates and of the champion, of those runs that logged them. A champion that
 * was judged by other data versions is named, but its curves are not put beside ours.
 */
export async function predictedOf(
  ml: AzureMl,
  open: OpenProject,
  candidates: readonly CandidateResult[],
  best: string | undefined,
  champion: ChampionScore | undefined,
): Promise<NamedPredicted[]> {
  const finished = candidates.filter((one) => one.kind === 'finished');
  const ranked = [
    ...finished.filter(({ candidate }) => candidate === best),
    ...finished.filter(({ candidate }) => candidate !== best),
  ].slice(0, mostCandidates);
  const ours = await Promise.all(
    ranked.map(async ({ candidate, job, evaluation }) =>
      read(ml, { name: candidate, role: 'candidate' }, () =>
        evaluation === undefined
          ? workingRun(ml, job, candidateOf(open, candidate).metricsFrom)
          : workingRun(ml, evaluation.job, open.project.gate?.evaluate?.metricsFrom),
      ),
    ),
  );
  const theirs = champion === undefined ? undefined : await championsOf(ml, open, champion, ranked[0]);
  return [...ours, theirs].filter((one) => one !== undefined);
}

async function championsOf(
  ml: AzureMl,
  { project }: OpenProject,
  { model, version, evaluation }: ChampionScore,
  challenger: FinishedCandidate | undefined,
): Promise<NamedPredicted | undefined> {
  const who = { name: `champion ${model}:${version}`, role: 'champion' } as const;
  if (evaluation !== undefined) {
    if ('problem' in evaluation) return empty(who, evaluation.problem);
    return await read(ml, who, () => workingRun(ml, evaluation.job, project.gate?.evaluate?.metricsFrom));
  }
  const tags = (await findModel(ml, model, version))?.tags ?? {};
  const job = tags['mlops.job'];
  if (job === undefined) return undefined;
  const changes = differentData(dataOf(tags), challenger?.data ?? {});
  if (changes.length === 0) return await read(ml, who, () => Promise.resolve(job));
  return empty(who, `judged by other data (${changes.join('; ')}), so its curves are not comparable`);
}

async function read(
  ml: AzureMl,
  who: Who,
  runOf: () => Promise<string>,
): Promise<NamedPredicted | undefined> {
  try {
    return await withTemporaryFolder('held-out', async (dir) => {
      const file = await downloadPredictions(ml, await runOf(), dir);
      if (file === undefined) return undefined;
      const { readPredicted } = await import('../monitoring/index.js');
      return { ...who, ...(await readPredicted([file])) };
    });
  } catch (error) {
    // A report without curves tells more than no report.
    return empty(
      who,
      `predictions could not be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The predictions that a run logged; `undefined` where it logged none. */
export async function downloadPredictions(
  ml: AzureMl,
  run: string,
  dir: string,
): Promise<string | undefined> {
  for (const artifact of predictionArtifacts) {
    try {
      return await downloadAsset(ml, `runs:/${run}/${artifact}`, dir);
    } catch (error) {
      if (!(error instanceof AzureError) || error.status !== 404) throw error;
    }
  }
  return undefined;
}

function empty(who: Who, note: string): NamedPredicted {
  return { ...who, rows: 0, confusion: { labels: [], counts: [] }, notes: [note] };
}
