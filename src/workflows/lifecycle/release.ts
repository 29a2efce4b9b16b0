import { CancellationScope, isCancellation, patched } from '@temporalio/workflow';
import type { EndpointTarget, Reminder } from '../../activities/contract.js';
import type { EvidenceDigest } from '../../domain/approval.js';
import { askedSince } from '../../domain/approval-record.js';
import { releaseId } from '../../domain/keys.js';
import type { ModelRef } from '../../domain/model.js';
import type { Environment } from '../../domain/project.js';
import type { Release, ReleaseResult } from '../../domain/release.js';
import { awaitApproval, type GateOutcome } from '../approval.js';
import { failure, messageOf } from '../failures.js';
import { activitiesFor, at, type Lifecycle, phaseOf, writeRecord } from './context.js';
import { isLong, mayRenew, Outgrown } from './outgrown.js';
import { askForPlace, takeTurn, tryFirst, withdraw } from './place.js';
import {
  type ReleaseEnd,
  releaseSurface,
  type ReleaseSurface,
  reminderText,
  shownOutcome,
} from './show-release.js';

/**
 * One environment: asks its endpoint for a place, then people, then lets the endpoint deploy and shift traffic. The
 * endpoint's owner alone writes; here it is only asked and heard. Whatever ends this early withdraws the release.
 */
export async function releaseTo(
  lifecycle: Lifecycle,
  environment: Environment,
  model: ModelRef,
): Promise<ReleaseEnd> {
  const release = releaseOf(lifecycle, environment, model);
  const target = targetOf(lifecycle, environment);
  const shown = releaseSurface(lifecycle, environment, release, target);
  lifecycle.tracker.release(release.id, target);
  try {
    const end = await pass(lifecycle, environment, release, target, shown);
    shown.ended(end);
    return end;
  } catch (error) {
    await CancellationScope.nonCancellable(() => withdraw(target, release, 'the lifecycle ended'));
    if (error instanceof Outgrown) throw error;
    shown.ended(isCancellation(error) ? { kind: 'withdrawn' } : { kind: 'failed', reason: messageOf(error) });
    throw error;
  }
}

async function pass(
  lifecycle: Lifecycle,
  environment: Environment,
  release: Release,
  target: EndpointTarget,
  shown: ReleaseSurface,
): Promise<ReleaseEnd> {
  const outgrown = new Outgrown(environment.name, release.model);
  if (environment.approval !== undefined && isLong(lifecycle) && mayRenew()) throw outgrown;
  if (environment.approval !== undefined && environment.batch !== undefined) {
    const tried = await tryFirst(lifecycle, release, target);
    if (tried.kind !== 'tried') return tried;
    lifecycle.tracker.note(`${environment.name}: ${tried.summary}`);
  }
  const refusedPlace = await askForPlace(lifecycle, release, target);
  if (refusedPlace !== undefined) return ended(refusedPlace);
  if (environment.approval !== undefined) {
    const outcome = await askPeople(lifecycle, environment, release, target, shown);
    if (outcome.kind === 'outgrown') throw outgrown;
    const refused = await refusal(lifecycle, outcome, release, target);
    if (refused !== undefined) return refused;
  }
  shown.deployment('in_progress', 'waiting for its turn');
  return ended(await takeTurn(lifecycle, release, target));
}

/** Only a trial is only tried. */
function ended(result: ReleaseResult): ReleaseEnd {
  return result.kind === 'tried' ? { kind: 'failed', reason: 'the endpoint only tried it' } : result;
}

function releaseOf(lifecycle: Lifecycle, environment: Environment, model: ModelRef): Release {
  return {
    id: releaseId(lifecycle.id, environment.name),
    lifecycleId: lifecycle.id,
    lifecycleRunId: lifecycle.runId,
    ...at(lifecycle),
    model,
    environment: environment.name,
    requestedAt: Date.now(),
  };
}

function targetOf({ loaded }: Lifecycle, environment: Environment): EndpointTarget {
  const target = loaded.endpoints[environment.name];
  if (target === undefined) {
    throw failure('SpecInvalid', `environment ${environment.name} has no endpoint`);
  }
  return target;
}

async function askPeople(
  lifecycle: Lifecycle,
  environment: Environment,
  release: Release,
  target: EndpointTarget,
  shown: ReleaseSurface,
): Promise<GateOutcome> {
  const { tracker, parking, core } = lifecycle;
  const rule = environment.approval;
  if (rule === undefined) return { kind: 'approved', by: [] };
  const collect = (): Promise<EvidenceDigest> =>
    parking.step(`evidence for ${environment.name}`, () =>
      activitiesFor(lifecycle, environment.workspace).transfer.collectEvidence({
        release,
        runId: lifecycle.runId,
      }),
    );
  const evidence = await collect();
  const champion = await parking.step('champion', () =>
    activitiesFor(lifecycle, environment.workspace).quick.championOf({
      ...at(lifecycle),
      target,
      modelWorkspace: lifecycle.loaded.project.workspace,
    }),
  );
  let asked = evidence;
  let [earlier, questions] = [tracker.status.decisions, tracker.status.approvals ?? []];
  const pend = async (reminder?: Reminder): Promise<void> => {
    tracker.phase(
      phaseOf(lifecycle, environment),
      'waiting',
      `waiting for approval: signal "approve ${asked.code}"`,
    );
    shown.deployment('pending', 'waiting for approval');
    await shown.request('pending', asked, champion, reminder);
  };
  await pend();
  const renews = mayRenew();
  const since = askedSince(questions, { environment: environment.name, digest: evidence.digest });
  const gate = awaitApproval({
    environment: environment.name,
    evidence,
    rule,
    // Questions that an older worker renewed began anew.
    ...(since !== undefined && patched('expires-as-first-asked') && { since }),
    ...(champion !== null && { champion }),
    verify: (decisions, askedAt) =>
      parking.step('verify decisions', () =>
        core.verifyDecisions({
          ...at(lifecycle),
          environment: environment.name,
          decisions,
          askedAt,
          ...(champion !== null && { championCommit: champion.commit }),
        }),
      ),
    changed: (pending, record) => {
      if (pending === undefined) delete tracker.status.approval;
      else tracker.status.approval = pending;
      tracker.status.decisions = [...earlier, ...record.decisions];
      tracker.status.approvals = [...questions, record];
      tracker.show();
    },
    withdrawn: () => lifecycle.superseded() !== undefined || finishedEarly(lifecycle, release),
    outgrown: () => renews && isLong(lifecycle),
    async judged() {
      if (patched('record-each-decision')) await writeRecord(lifecycle);
    },
    // Lifecycles that were approved by an older worker did not look again.
    recheck: async () => (patched('evidence-rechecked') ? await collect() : undefined),
    async asksAgain(changed) {
      tracker.note(`the evidence ${asked.code} has changed since it was asked about: its approval is void`);
      [earlier, questions] = [tracker.status.decisions, tracker.status.approvals ?? []];
      asked = changed;
      await writeRecord(lifecycle);
      await pend();
    },
    async remind(approvers, { reminders: count, escalated }) {
      tracker.note(reminderText(environment.name, approvers, count, escalated));
      await pend({ count, approvers, escalated });
    },
  });
  const outcome = await gate.catch(async (error: unknown) => {
    await shown.request('withdrawn', asked, champion);
    throw error;
  });
  delete tracker.status.approval;
  await shown.request(shownOutcome(outcome), asked, champion);
  await writeRecord(lifecycle);
  return outcome;
}

function finishedEarly(lifecycle: Lifecycle, release: Release): boolean {
  return lifecycle.reports.get(release.id)?.some(({ kind }) => kind === 'finished') ?? false;
}

/** What ends the release when people, time or a newer commit did not let it pass. */
async function refusal(
  lifecycle: Lifecycle,
  outcome: Exclude<GateOutcome, { kind: 'outgrown' }>,
  release: Release,
  target: EndpointTarget,
): Promise<ReleaseEnd | undefined> {
  switch (outcome.kind) {
    case 'approved':
      return undefined;
    case 'rejected':
    case 'expired':
      await withdraw(target, release, outcome.kind);
      return { kind: outcome.kind };
    case 'pending':
    case 'withdrawn': {
      const newer = lifecycle.superseded();
      await withdraw(target, release, 'superseded');
      const report = lifecycle.reports.get(release.id)?.findLast(({ kind }) => kind === 'finished');
      if (report?.kind === 'finished') return ended(report.result);
      return { kind: 'superseded', by: newer?.commit ?? 'a newer release' };
    }
  }
}
