import { CancellationScope, patched, setCurrentDetails } from '@temporalio/workflow';
import { defaultTiming } from '../../domain/timing.js';
import type {
  EndpointInput,
  EndpointState,
  EndpointStatus,
  Midway,
  RetirementStatus,
  RolloutStatus,
} from '../messages.js';
import { Parking } from '../parking.js';
import { coreActivities, workspaceActivities } from '../proxies.js';
import type { Owner, Retirement, RolloutControl, Running } from './context.js';
import { describeEndpoint } from './details.js';
import { showProgress } from './talk.js';

const keptEvents = 20;

/** Leaves room for a long rollout below 4,000 events, from which on replaying is slow. */
const idleHistory = 1_500;

/** What the owner knew when it last continued as new; nothing on its first run. */
export function restore(input: EndpointInput): Owner {
  const timing = { ...defaultTiming, ...input.timing };
  const { state } = input;
  const changed = (): void => {
    show(owner);
    showProgress(owner, owner.running?.step ?? '').catch(() => undefined);
  };
  const owner: Owner = {
    input,
    timing,
    historyLimit: input.historyLimit ?? (patched('short history') ? idleHistory : Infinity),
    core: coreActivities(timing),
    activities: workspaceActivities(input.taskQueue, timing),
    parking: new Parking(timing, changed),
    hasty: new Parking({ ...timing, blockedForMs: 0 }, changed),
    inbox: [],
    waiting: [...(state?.waiting ?? [])],
    proceeding: new Set(state?.proceeding ?? []),
    retiring: [...(state?.retiring ?? [])],
    breaches: [...(state?.breaches ?? [])],
    governor: state?.governor ?? { retrainedAt: [], breaches: 0 },
    held: state?.held ?? false,
    steering: [],
    heard: new Map(),
    asking: 0,
    traffic: state?.traffic ?? {},
    lastResults: [...(state?.lastResults ?? [])],
    events: [...(state?.events ?? [])],
    ...(state?.champion !== undefined && { champion: state.champion }),
    ...(state?.previous !== undefined && { previous: state.previous }),
    ...(state?.latest !== undefined && { latest: state.latest }),
    ...(state?.retirement !== undefined && { retirement: { order: state.retirement, stage: 'queued' } }),
    ...(state?.midway !== undefined && { resumes: state.midway, running: runningAgain(state.midway) }),
    ...(state?.scoringUri !== undefined && { scoringUri: state.scoringUri }),
  };
  return owner;
}

/** Before anything is heard: a newer release must find it running, and who withdraws it must be able to stop it. */
function runningAgain({ release, control }: Midway): Running {
  const rollout = { ...control, skipped: control.skipped ?? false };
  return { release, rollout, step: 'goes on in a new run', scope: new CancellationScope() };
}

/** What goes into the next run. */
export function stateOf(owner: Owner): EndpointState {
  return {
    ...knownOf(owner),
    ...(owner.midway !== undefined && { midway: owner.midway }),
    ...(owner.breaches.length > 0 && { breaches: owner.breaches }),
    ...(owner.retirement !== undefined && { retirement: owner.retirement.order }),
  };
}

function knownOf(owner: Owner): Omit<EndpointState, 'midway' | 'breaches' | 'retirement'> {
  return {
    waiting: owner.waiting,
    // Anybody can send ids of releases that there are not.
    proceeding: owner.waiting.map(({ id }) => id).filter((id) => owner.proceeding.has(id)),
    retiring: owner.retiring,
    governor: owner.governor,
    held: owner.held,
    traffic: owner.traffic,
    lastResults: owner.lastResults,
    events: owner.events,
    ...(owner.champion !== undefined && { champion: owner.champion }),
    ...(owner.previous !== undefined && { previous: owner.previous }),
    ...(owner.latest !== undefined && { latest: owner.latest }),
    ...(owner.scoringUri !== undefined && { scoringUri: owner.scoringUri }),
  };
}

export function remember(owner: Owner, what: string): void {
  owner.events = [...owner.events, { at: Date.now(), what: what.slice(0, 500) }].slice(-keptEvents);
}

export function statusOf(owner: Owner): EndpointStatus {
  const { running, input } = owner;
  const { blocked } = owner.parking;
  const status = {
    ...knownOf(owner),
    ...(owner.byHand !== undefined && { byHand: owner.byHand }),
    workspace: input.workspace,
    endpoint: input.endpoint,
    ...(input.kind !== undefined && { kind: input.kind }),
    ...(owner.approval !== undefined && { approval: owner.approval }),
    ...(owner.retirement !== undefined && { retirement: retirementStatus(owner.retirement) }),
  };
  if (running === undefined) return status;
  const { release, step, rollout } = running;
  return {
    ...status,
    running: {
      release,
      step,
      ...(blocked !== undefined && { blocked }),
      ...(rollout !== undefined && { rollout: rolloutStatus(rollout) }),
    },
  };
}

function rolloutStatus({ current, next, paused, question }: RolloutControl): RolloutStatus {
  return {
    next,
    paused,
    ...(current !== undefined && { current }),
    ...(question !== undefined && { question }),
  };
}

function retirementStatus({ order: { text, by }, stage, deletesAt }: Retirement): RetirementStatus {
  return { text, by, stage, ...(deletesAt !== undefined && { deletesAt }) };
}

export function show(owner: Owner): void {
  setCurrentDetails(describeEndpoint(statusOf(owner)));
}
