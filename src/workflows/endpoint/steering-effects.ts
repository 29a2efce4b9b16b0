import { type SteeringAction, steeringDone } from '../../domain/steering.js';
import { describeSteps } from '../../domain/rollout.js';
import { readSteps, type ReadSteps } from '../../domain/steps.js';
import type { Owner, Retirement, RolloutControl, Running, SteeringRequest } from './context.js';
import { remember } from './state.js';

/** What a message would do, as approvers read it; or why there is nothing that it could do. */
export type Described =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

export function describeSteering(owner: Owner, request: SteeringRequest): Described {
  const control = owner.running?.rollout;
  switch (request.action) {
    case 'skip':
      return control?.current === undefined
        ? { ok: false, problem: 'no step runs' }
        : { ok: true, text: `skip the step ${describeSteps([control.current])}` };
    case 'plan': {
      if (control === undefined) return { ok: false, problem: 'no rollout runs' };
      const read = editedSteps(control, request.payload);
      return read.ok
        ? { ok: true, text: `go on with ${describeSteps([...read.steps, all])}` }
        : { ok: false, problem: read.problems.join('; ') };
    }
    case 'queue_jump': {
      const release = wanted(owner, request.payload);
      return release === undefined
        ? {
            ok: false,
            problem: `no such release waits; waiting: ${owner.waiting.map(({ id }) => id).join(', ') || 'none'}`,
          }
        : {
            ok: true,
            text: `${release.model.name}:${release.model.version} (${release.id}) goes before all others`,
          };
    }
    default:
      return { ok: true, text: request.action };
  }
}

const all = { kind: 'traffic', percent: 100, forMs: 0 } as const;

function editedSteps({ current }: RolloutControl, payload: unknown): ReadSteps {
  return readSteps(payload, current?.kind === 'traffic' ? current.percent : 0);
}

function wanted({ waiting }: Owner, payload: unknown): Running['release'] | undefined {
  const { release }: { release?: unknown } = typeof payload === 'object' && payload !== null ? payload : {};
  return waiting.find(({ id, lifecycleId }) => id === release || lifecycleId === release);
}

/** @param by who said it and why, as text that follows the action */
export function applySteering(owner: Owner, request: SteeringRequest, by: string): void {
  const problem = effects[request.action](owner, request.payload, by);
  remember(
    owner,
    problem === undefined
      ? `${steeringDone[request.action]}${by}`
      : `refused ${request.action}${by}: ${problem}`,
  );
}

/** Each does what it says, or answers why it does nothing. */
const effects: Readonly<
  Record<SteeringAction, (owner: Owner, payload: unknown, by: string) => string | undefined>
> = {
  pause: ({ running }) => {
    if (running?.rollout === undefined) return 'no rollout runs';
    running.rollout.paused = true;
    return undefined;
  },
  hold: (owner) => {
    owner.held = true;
    return undefined;
  },
  abort: (owner, _, by) => {
    if (owner.retirement !== undefined) return stopRetiring(owner.retirement, `abort${by}`);
    if (owner.running === undefined) return 'no release runs';
    abort(owner, owner.running, { reason: `abort${by}`, by: 'operator' });
    return undefined;
  },
  /** While a release runs it ends that release, which puts the traffic back by itself. */
  rollback: (owner, _, by) => {
    const reason = `rollback${by}`;
    if (owner.retirement !== undefined) return stopRetiring(owner.retirement, reason);
    if (owner.running === undefined) owner.rollback = { reason };
    else abort(owner, owner.running, { reason, by: 'operator' });
    return undefined;
  },
  skip: ({ running }) => {
    if (running?.rollout?.current === undefined) return 'no step runs';
    running.rollout.skipped = true;
    return undefined;
  },
  plan: ({ running }, payload) => {
    if (running?.rollout === undefined) return 'no rollout runs';
    const read = editedSteps(running.rollout, payload);
    if (!read.ok) return read.problems.join('; ');
    running.rollout.next = read.steps;
    return undefined;
  },
  resume: (owner) => {
    owner.held = false;
    delete owner.byHand;
    // A person has looked: retraining may go on.
    owner.governor = { ...owner.governor, fruitless: 0 };
    const control = owner.running?.rollout;
    if (control === undefined) return undefined;
    control.paused = false;
    if (control.question !== undefined) control.grantedMs += control.extendMs;
    return undefined;
  },
  // Ordered with what the approvers saw, not from the message alone.
  retire: () => 'nobody was asked',
  queue_jump: (owner, payload) => {
    const release = wanted(owner, payload);
    if (release === undefined) return 'no such release waits';
    owner.waiting = [release, ...owner.waiting.filter((other) => other !== release)];
    return undefined;
  },
};

/** Up to the first deletion an endpoint can have its traffic back. */
function stopRetiring(retirement: Retirement, why: string): string | undefined {
  if (retirement.stage === 'deleting') return 'too late, what it is made of is being deleted';
  retirement.stop = why;
  return undefined;
}

export function abort(owner: Owner, running: Running, why: NonNullable<Owner['abort']>): void {
  owner.abort ??= why;
  running.scope.cancel();
}
