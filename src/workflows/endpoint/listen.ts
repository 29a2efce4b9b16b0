import { defineSignal, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import {
  breachSignal,
  endpointStatusQuery,
  proceedSignal,
  requestSignal,
  retrySignal,
  withdrawSignal,
} from '../signals.js';
import { coalesce } from '../../domain/retraining.js';
import type { Breach } from '../messages.js';
import { isBreach, isRelease, isReleaseId, isWithdrawal } from '../guards.js';
import type { SteeringAction } from '../../domain/steering.js';
import type { Owner } from './context.js';
import { hear } from './steer.js';
import { abort } from './steering-effects.js';
import { remember, statusOf } from './state.js';

/** Every message that an endpoint's owner takes; handlers only note them, the main loop acts. */
export function listen(owner: Owner): void {
  setHandler(endpointStatusQuery, () => statusOf(owner), {
    description: 'Champion, queue, traffic and what runs now.',
  });
  setHandler(
    requestSignal,
    (release) => {
      if (!isRelease(release)) refuse(owner, 'request');
      else if (owner.inbox.length < mostUnanswered) owner.inbox = [...owner.inbox, release];
      else remember(owner, `left out a request: ${mostUnanswered} are not answered yet`);
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
  for (const [action, description] of Object.entries(steering)) {
    setHandler(
      defineSignal<[unknown?]>(action),
      (payload) => {
        hear(owner, action as SteeringAction, payload);
      },
      { description },
    );
  }
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
      if (isBreach(breach)) owner.breaches = noMoreThan(mostUnanswered, [...owner.breaches, breach]);
      else refuse(owner, 'breach');
    },
    { description: 'From monitoring.' },
  );
  setDefaultSignalHandler((name) => {
    remember(owner, `refused the unknown signal "${name.slice(0, 80)}"`);
  });
}

/** What waits for an answer crosses every continue-as-new. A lifecycle that gets none asks again. */
const mostUnanswered = 100;

/** The strongest stands for those that are one too many. */
function noMoreThan(most: number, breaches: Breach[]): Breach[] {
  const strongest = breaches.length > most ? coalesce(breaches) : undefined;
  return strongest === undefined ? breaches : [strongest];
}

const optional = 'Needs no payload; `{"reason": "…"}` is optional.';

/** What operators may say; the names are those of the signals. */
const steering: Readonly<Record<SteeringAction, string>> = {
  rollback: `Back to the previous champion, or out of the rollout that runs. ${optional}`,
  abort: `The release that runs ends and its traffic goes back. ${optional}`,
  pause: `The rollout that runs stays where it is until \`resume\`. ${optional}`,
  hold: `No new step and no further release until \`resume\`. ${optional}`,
  resume: `Goes on after \`pause\` or \`hold\`, and gives a step that has seen too little more time. ${optional}`,
  skip: `Ends the step that runs. ${optional}`,
  plan: 'Replaces the steps that have not begun: `{"steps": [{"traffic": 50, "for": "10m"}]}`.',
  queue_jump: 'A waiting release goes first: `{"release": "<its id or its lifecycle\'s>"}`.',
  retire: `The endpoint goes, with its deployments and its monitoring; the approvers see who called it. \`{"days": 7, "drain": "15m", "reason": "…"}\` is optional.`,
};

function refuse(owner: Owner, signal: string): void {
  remember(owner, `refused a signal "${signal}" whose payload says nothing that it can act on`);
}

function withdraw(owner: Owner, releaseId: string, reason: string): void {
  const { running } = owner;
  if (running?.release.id === releaseId) abort(owner, running, { reason, by: 'lifecycle' });
  owner.waiting = owner.waiting.filter(({ id }) => id !== releaseId);
  owner.inbox = owner.inbox.filter(({ id }) => id !== releaseId);
  owner.proceeding.delete(releaseId);
}
