import { placeTaken } from '../../domain/concurrency.js';
import type { ModelRef } from '../../domain/model.js';
import { failure } from '../failures.js';
import type { LifecycleVerdict } from '../messages.js';
import { type Lifecycle, phaseOf } from './context.js';
import { releaseTo } from './release.js';
import type { ReleaseEnd } from './show-release.js';

/** Environments in their order; the first that does not take the model ends the way. */
export async function promote(lifecycle: Lifecycle, model: ModelRef): Promise<LifecycleVerdict> {
  const { tracker, loaded, input } = lifecycle;
  const last = input.release?.to;
  const known = loaded.project.environments.map(({ name }) => name);
  if (last !== undefined && !known.includes(last)) {
    throw failure('SpecInvalid', `there is no environment ${last} in force; known: ${known.join(', ')}`);
  }
  const from = input.resume?.environment ?? known[0];
  if (from !== undefined && !known.includes(from)) {
    throw failure('SpecInvalid', `environment ${from} is not in force any more; known: ${known.join(', ')}`);
  }
  for (const environment of loaded.project.environments.slice(known.indexOf(from ?? ''))) {
    const phase = phaseOf(lifecycle, environment);
    if (lifecycle.superseded() !== undefined) return supersededVerdict(lifecycle);
    tracker.phase(phase, 'running', `releasing ${model.name}:${model.version} to ${environment.name}`);
    const end = await releaseTo(lifecycle, environment, model);
    if (end.kind === 'deployed') {
      tracker.phase(phase, 'done', `${environment.name}: ${end.summary}`);
      if (environment.name === last) break;
      continue;
    }
    const [verdict, summary] = refusalOf(end, environment.name);
    tracker.phase(phase, 'failed', summary);
    return verdict;
  }
  for (const { phase, state } of tracker.status.phases) {
    if (state === 'pending' && phase !== 'monitor') tracker.phase(phase, 'skipped', 'not asked for');
  }
  return 'released';
}

function refusalOf(
  end: Exclude<ReleaseEnd, { kind: 'deployed' }>,
  environment: string,
): [LifecycleVerdict, string] {
  switch (end.kind) {
    case 'rejected':
      return ['rejected', `${environment}: rejected; the model stays registered`];
    case 'expired':
      return ['expired', `${environment}: nobody approved in time; the model stays registered`];
    case 'superseded':
      return ['superseded', `${environment}: ${end.by} took its place`];
    case 'withdrawn':
      return ['cancelled', `${environment}: withdrawn`];
    case 'rolled_back':
      return ['rolled_back', `${environment}: rolled back: ${end.reason}`];
    case 'failed':
      return ['failed', `${environment}: ${end.reason}`];
  }
}

export function supersededVerdict(lifecycle: Lifecycle): LifecycleVerdict {
  const newer = lifecycle.superseded();
  if (newer !== undefined) lifecycle.tracker.stop(placeTaken(newer));
  return 'superseded';
}
