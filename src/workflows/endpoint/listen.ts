import { setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import {
  breachSignal,
  endpointStatusQuery,
  holdSignal,
  proceedSignal,
  requestSignal,
  resumeSignal,
  retrySignal,
  rollbackSignal,
  withdrawSignal,
} from '../signals.js';
import { isBreach, isRelease, isReleaseId, isWithdrawal } from '../guards.js';
import type { Owner, Running } from './context.js';
import { remember, statusOf } from './state.js';

/** Every message that an endpoint's owner takes; handlers only note them, the main loop acts. */
export function listen(owner: Owner): void {
  setHandler(endpointStatusQuery, () => statusOf(owner), {
    description: 'Champion, queue, traffic and what runs now.',
  });
  setHandler(
    requestSignal,
    (release) => {
      if (isRelease(release)) owner.inbox = [...owner.inbox, release];
      else refuse(owner, 'request');
    },
    { description: 'From a lifecycle: asks for a place.' },
  );
  setHandler(
    proceedSignal,
    (message) => {
      if (isReleaseId(message)) owner.proceeding.add(message.releaseId);
      else refuse(owner, 'proceed');
    },
    { description: 'From a lifecycle: its approval is there.' },
  );
  setHandler(
    withdrawSignal,
    (message) => {
      if (isWithdrawal(message)) withdraw(owner, message.releaseId, message.reason);
      else refuse(owner, 'withdraw');
    },
    { description: 'From a lifecycle: no longer wanted.' },
  );
  setHandler(
    rollbackSignal,
    (by) => {
      stop(owner, `rollback${saidBy(by)}`);
    },
    { description: 'Back to the previous champion. Needs no payload; `{"reason": "…"}` is optional.' },
  );
  setHandler(
    holdSignal,
    (by) => {
      owner.held = true;
      remember(owner, `held${saidBy(by)}`);
    },
    { description: 'No new step until `resume`.' },
  );
  setHandler(
    resumeSignal,
    (by) => {
      owner.held = false;
      remember(owner, `resumed${saidBy(by)}`);
    },
    { description: 'Goes on after `hold`.' },
  );
  setHandler(
    retrySignal,
    () => {
      owner.parking.wake();
    },
    { description: 'Look again at once at what is blocked.' },
  );
  setHandler(
    breachSignal,
    (breach) => {
      if (isBreach(breach)) owner.breaches = [...owner.breaches, breach];
      else refuse(owner, 'breach');
    },
    { description: 'From monitoring.' },
  );
  setDefaultSignalHandler((name) => {
    remember(owner, `refused the unknown signal "${name.slice(0, 80)}"`);
  });
}

function refuse(owner: Owner, signal: string): void {
  remember(owner, `refused a signal "${signal}" whose payload says nothing that it can act on`);
}

function saidBy(payload: unknown): string {
  const { reason, by }: Record<string, unknown> =
    typeof payload === 'object' && payload !== null ? { ...payload } : {};
  return `${typeof by === 'string' ? ` by ${by.slice(0, 100)}` : ''}${typeof reason === 'string' ? `: ${reason.slice(0, 300)}` : ''}`;
}

/** A rollback while a release runs ends that release, which puts the traffic back by itself. */
function stop(owner: Owner, reason: string): void {
  if (owner.running === undefined) owner.rollback = { reason };
  else abort(owner, owner.running, { reason, by: 'operator' });
  remember(owner, reason);
}

function abort(owner: Owner, running: Running, why: NonNullable<Owner['abort']>): void {
  owner.abort ??= why;
  running.scope.cancel();
}

function withdraw(owner: Owner, releaseId: string, reason: string): void {
  const { running } = owner;
  if (running?.release.id === releaseId) abort(owner, running, { reason, by: 'lifecycle' });
  owner.waiting = owner.waiting.filter(({ id }) => id !== releaseId);
  owner.inbox = owner.inbox.filter(({ id }) => id !== releaseId);
  owner.proceeding.delete(releaseId);
}
