import type { CandidateResult, ChampionScore } from '../../domain/evaluation.js';
import { activitiesFor, at, type Lifecycle } from './context.js';

/** Adds to each candidate what its signature changes for callers of the champion. */
export async function withContracts(
  lifecycle: Lifecycle,
  candidates: readonly CandidateResult[],
  champion: ChampionScore | undefined,
): Promise<readonly CandidateResult[]> {
  const { project } = lifecycle.loaded;
  const models = candidates.flatMap((one) =>
    one.kind === 'finished' && one.model !== undefined
      ? [{ candidate: one.candidate, path: one.model.path }]
      : [],
  );
  // Projects that an older worker read say nothing of contracts, and their histories have to replay.
  if (project.contract === undefined || champion === undefined || models.length === 0) return candidates;
  const changes = await lifecycle.parking.step('compare signatures', () =>
    activitiesFor(lifecycle, project.workspace).quick.compareSignatures({
      ...at(lifecycle),
      candidates: models,
      champion: { name: champion.model, version: champion.version },
    }),
  );
  return candidates.map((one) => {
    const contract = changes[one.candidate];
    return one.kind === 'failed' || contract === undefined ? one : { ...one, contract };
  });
}
