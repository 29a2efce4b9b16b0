import type { FinishedCandidate } from '../../domain/evaluation.js';
import type { ModelRef } from '../../domain/model.js';
import { failure } from '../failures.js';
import { checkPackages, failsText, type PackageChecks } from './check-packages.js';
import { activitiesFor, at, type Lifecycle } from './context.js';
import type { Development } from './develop.js';

/**
 * Continuous integration: packages and registers the models that the project asks for. Returns the one to release;
 * none, too, when a newer commit took its place. Throws when the package of that one is no good.
 */
export async function integrate(
  lifecycle: Lifecycle,
  { candidates, gate }: Development,
): Promise<ModelRef | undefined> {
  const { tracker, loaded, id, parking } = lifecycle;
  const { project } = loaded;
  const chosen = toRegister(
    candidates.filter((candidate) => candidate.kind === 'finished'),
    lifecycle,
    gate,
  );
  const without = chosen.filter(({ model }) => model === undefined).map(({ candidate }) => candidate);
  if (without.length > 0)
    tracker.note(`no model was logged by ${without.join(', ')}: nothing to register for it`);

  const checks = await checkPackages(lifecycle, chosen);
  if (checks === undefined) return undefined;
  requirePackage(gate.best, checks);

  tracker.phase('register', 'running', `registering ${chosen.map(({ candidate }) => candidate).join(', ')}`);
  let best: ModelRef | undefined;
  for (const candidate of chosen) {
    const { model } = candidate;
    const checked = checks.get(candidate.candidate);
    if (model === undefined || (checked !== undefined && 'problem' in checked)) continue;
    const ref = await parking.step(`register ${candidate.candidate}`, () =>
      activitiesFor(lifecycle, project.workspace).transfer.registerModel({
        ...at(lifecycle),
        lifecycleId: id,
        verdict: gate,
        toRegister: { ...candidate, model, ...(checked !== undefined && { package: checked }) },
      }),
    );
    tracker.status.models = [
      ...tracker.status.models,
      { name: ref.name, version: ref.version, candidate: candidate.candidate },
    ];
    if (candidate.candidate === gate.best) best = ref;
  }
  if (best !== undefined) await share(lifecycle, best);
  if (best !== undefined) tracker.attribute('MlopsModel', `${best.name}:${best.version}`);
  const names = tracker.status.models.map(
    ({ name, version, candidate }) => `${name}:${version} (${candidate})`,
  );
  tracker.phase(
    'register',
    best === undefined ? 'skipped' : 'done',
    names.length === 0 ? 'no model to register' : names.join(', '),
  );
  return best;
}

/** What is to be released has to load; another one that does not is left out, and its note says so. */
function requirePackage(best: string | undefined, checks: PackageChecks): void {
  const check = checks.get(best ?? '');
  if (check !== undefined && 'problem' in check)
    throw failure('PackageInvalid', `the model of ${best ?? ''} ${failsText}: ${check.problem}`);
}

function toRegister(
  finished: readonly FinishedCandidate[],
  { loaded }: Lifecycle,
  gate: Development['gate'],
): FinishedCandidate[] {
  const passed = new Set(gate.verdicts.filter((verdict) => verdict.passed).map(({ candidate }) => candidate));
  switch (loaded.project.register.which) {
    case 'best':
      return finished.filter(({ candidate }) => candidate === gate.best);
    case 'passing':
      return finished.filter(({ candidate }) => passed.has(candidate));
    case 'all':
      return [...finished];
  }
}

/** Puts a registered model into the project's registry, from which other workspaces deploy it without training it again. */
export async function share(lifecycle: Lifecycle, model: ModelRef): Promise<void> {
  const { tracker, loaded, parking } = lifecycle;
  const { registry, workspace } = loaded.project;
  if (registry === undefined) return;
  const name = `${model.name}:${model.version}`;
  tracker.phase('register', 'running', `putting ${name} into registry ${registry}`);
  const {
    id,
    hash,
    environments = [],
  } = await parking.step(`share ${name}`, () =>
    activitiesFor(lifecycle, workspace).transfer.shareModel({ ...at(lifecycle), model }),
  );
  const beside = environments.length === 0 ? '' : `, with the environments ${environments.join(', ')}`;
  tracker.note(`shared as ${id}, sha256 ${hash.slice(0, 12)}${beside}`);
}
