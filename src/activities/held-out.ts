import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AzureError, type AzureMl, downloadAsset, findModel, workingRun } from '../azureml/index.js';
import type {
  CandidateResult,
  ChampionScore,
  FinishedCandidate,
  NamedPredicted,
} from '../domain/evaluation.js';
import { candidateOf } from './training.js';
import type { OpenProject } from './projects.js';
import { dataOf } from '../domain/tags.js';

/** Where a run logs what it predicted of held-out data: columns `label`, and `probability` or `prediction`. */
const artifacts = ['csv', 'parquet', 'jsonl'].map((ending) => `evaluation/predictions.${ending}`);
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
    ranked.map(async ({ candidate, job }) =>
      read(ml, { name: candidate, role: 'candidate' }, () =>
        workingRun(ml, job, candidateOf(open, candidate).metricsFrom),
      ),
    ),
  );
  const theirs = champion === undefined ? undefined : await championsOf(ml, champion, ranked[0]);
  return [...ours, theirs].filter((one) => one !== undefined);
}

async function championsOf(
  ml: AzureMl,
  { model, version }: ChampionScore,
  challenger: FinishedCandidate | undefined,
): Promise<NamedPredicted | undefined> {
  const tags = (await findModel(ml, model, version))?.tags ?? {};
  const job = tags['mlops.job'];
  if (job === undefined) return undefined;
  const who = { name: `champion ${model}:${version}`, role: 'champion' } as const;
  const [before, now] = [dataOf(tags), challenger?.data ?? {}];
  const other = Object.keys({ ...before, ...now }).filter((input) => before[input] !== now[input]);
  if (other.length === 0) return await read(ml, who, () => Promise.resolve(job));
  const changes = other.map((input) => `${input} ${before[input] ?? 'none'}, now ${now[input] ?? 'none'}`);
  return empty(who, `judged by other data (${changes.join('; ')}), so its curves are not comparable`);
}

async function read(
  ml: AzureMl,
  who: Who,
  runOf: () => Promise<string>,
): Promise<NamedPredicted | undefined> {
  const dir = await mkdtemp(join(tmpdir(), 'mlops-held-out-'));
  try {
    const file = await download(ml, await runOf(), dir);
    if (file === undefined) return undefined;
    const { readPredicted } = await import('../monitoring/index.js');
    return { ...who, ...(await readPredicted([file])) };
  } catch (error) {
    // A report without curves tells more than no report.
    return empty(
      who,
      `predictions could not be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function download(ml: AzureMl, run: string, dir: string): Promise<string | undefined> {
  for (const artifact of artifacts) {
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
