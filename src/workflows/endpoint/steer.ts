import { condition, patched, workflowInfo } from '@temporalio/workflow';
import type { Release } from '../../domain/release.js';
import type { RetirementOrder } from '../../domain/retirement.js';
import { type SteeringAction, type SteeringVerdict, steeringNeeds } from '../../domain/steering.js';
import { messageOf } from '../failures.js';
import { askApprovers } from './ask.js';
import type { Owner, SteeringRequest } from './context.js';
import { considerRetirement, orderRetirement, type RetirementPlan } from './retirement.js';
import { applySteering, type Described, describeSteering } from './steering-effects.js';
import { remember } from './state.js';

/** A steering signal as it comes in. Only noted: who sent it is proven first. */
export function hear(owner: Owner, action: SteeringAction, payload: unknown): void {
  const nth = owner.heard.get(action) ?? 0;
  owner.heard.set(action, nth + 1);
  const request = { action, nth, payload, saidIn: workflowInfo().runId };
  if (patched('prove who steers')) owner.steering = [...owner.steering, request];
  else applySteering(owner, request, saidBy(payload));
}

function saidBy(payload: unknown): string {
  const { reason, by }: Record<string, unknown> =
    typeof payload === 'object' && payload !== null ? { ...payload } : {};
  return `${typeof by === 'string' ? ` by ${by.slice(0, 100)}` : ''}${typeof reason === 'string' ? `: ${reason.slice(0, 300)}` : ''}`;
}

/** Answers steering as it comes, also while a release runs. */
export async function steward(owner: Owner): Promise<never> {
  for (;;) {
    await condition(() => owner.steering.length > 0);
    // Anybody who may write to the namespace can send thousands: an activity for each would use up the history.
    const most = patched('prove steering together') ? mostTogether : 1;
    const requests = owner.steering.slice(0, most);
    if (most === 1) await answerOne(owner, requests);
    else await answerTogether(owner, requests);
    owner.steering = owner.steering.slice(requests.length);
  }
}

const mostTogether = 1_000;
/** Refusals of one flood that the endpoint's log names; the others are counted, so that it still tells of other things. */
const mostNamed = 3;
/** With the approvers at a time. */
const mostQuestions = 20;

async function answerOne(owner: Owner, [request]: readonly SteeringRequest[]): Promise<void> {
  if (request === undefined) return;
  await answer(owner, [request], async (at) => [
    await owner.core.verifySteering({ ...at, action: request.action, nth: request.nth }),
  ]);
}

async function answerTogether(owner: Owner, requests: readonly SteeringRequest[]): Promise<void> {
  const messages = requests.map(({ action, nth }) => ({ action, nth }));
  await answer(owner, requests, (at) => owner.core.proveSteering({ ...at, messages }));
}

async function answer(
  owner: Owner,
  requests: readonly SteeringRequest[],
  prove: (at: Pick<Release, 'source' | 'project'>) => Promise<readonly SteeringVerdict[]>,
): Promise<void> {
  const refusals: string[] = [];
  const release = concerned(owner);
  if (release === undefined) {
    for (const { action } of requests)
      refusals.push(`refused ${action}: nothing was released here, so nobody may steer it yet`);
    tellRefused(owner, refusals);
    return;
  }
  try {
    const { source, project } = release;
    const verdicts = await prove({ source, project });
    for (const [position, request] of requests.entries()) {
      const verdict = verdicts[position];
      const problem = verdict?.allowed === true ? tooMany(owner, request) : verdict?.problem;
      if (verdict?.allowed === true && problem === undefined) obey(owner, request, verdict);
      else
        refusals.push(
          `refused ${request.action} by ${verdict?.by ?? 'somebody'}: ${problem ?? 'not allowed'}`,
        );
    }
  } catch (error) {
    const which = [...new Set(requests.map(({ action }) => action))].join(', ');
    remember(owner, `${which} could not be proven, say it again: ${messageOf(error)}`);
  }
  tellRefused(owner, refusals);
}

function tellRefused(owner: Owner, refusals: readonly string[]): void {
  for (const refusal of refusals.slice(0, mostNamed)) remember(owner, refusal);
  const more = refusals.length - mostNamed;
  if (more > 0) remember(owner, `refused ${more} more steering messages that came with these`);
}

function tooMany({ asking }: Owner, { action }: SteeringRequest): string | undefined {
  if (steeringNeeds[action] === 'operator' || asking < mostQuestions) return undefined;
  return `${mostQuestions} messages wait for the approvers already`;
}

/** What a proven operator said. */
function obey(owner: Owner, request: SteeringRequest, verdict: SteeringVerdict): void {
  const { action, payload } = request;
  const { reason }: { reason?: unknown } = typeof payload === 'object' && payload !== null ? payload : {};
  const why = verdict.reason ?? (typeof reason === 'string' ? reason.slice(0, 300) : undefined);
  const who = verdict.verified === 'none' ? `${verdict.by} (unverified)` : verdict.by;
  const by = ` by ${who}${why === undefined ? '' : `: ${why}`}`;
  if (steeringNeeds[action] === 'operator') applySteering(owner, request, by);
  // Beside what comes next: a rollback must not stand behind a question to people.
  else void approved(owner, request, by);
}

/** Riskier messages change what the approvers agreed to: they are asked again, with the change in the evidence. */
async function approved(owner: Owner, request: SteeringRequest, by: string): Promise<void> {
  const release = concerned(owner);
  if (release === undefined) return;
  owner.asking += 1;
  try {
    const what = await described(owner, request);
    if (!what.ok) {
      remember(owner, `refused ${request.action}${by}: ${what.problem}`);
      return;
    }
    const moot = (): boolean => !isPossible(owner, request);
    const answered = await askApprovers(owner, release, what.text, moot);
    if (!answered.yes) {
      remember(owner, `${request.action}${by}: ${answered.why}`);
      return;
    }
    const { approvedBy } = answered;
    const agreed = approvedBy.length === 0 ? by : `${by}, approved by ${approvedBy.join(', ')}`;
    if (what.plan === undefined) applySteering(owner, request, agreed);
    else orderRetirement(owner, { ...what.plan, ...whose(release, request), by: agreed });
  } catch (error) {
    remember(owner, `${request.action}${by} could not be put to the approvers: ${messageOf(error)}`);
  } finally {
    owner.asking -= 1;
  }
}

async function described(
  owner: Owner,
  request: SteeringRequest,
): Promise<Described & { plan?: RetirementPlan }> {
  return request.action === 'retire'
    ? await considerRetirement(owner, request.payload)
    : describeSteering(owner, request);
}

function isPossible(owner: Owner, request: SteeringRequest): boolean {
  return request.action === 'retire' ? owner.retirement === undefined : describeSteering(owner, request).ok;
}

function whose(
  release: Release,
  { nth, saidIn }: SteeringRequest,
): Pick<RetirementOrder, 'release' | 'nth' | 'saidIn' | 'askedIn' | 'at'> {
  return { release, nth, saidIn, askedIn: workflowInfo().runId, at: Date.now() };
}

/** Whose project's operators and approvers count here. */
function concerned({ running, champion, waiting, latest }: Owner): Release | undefined {
  return running?.release ?? champion?.release ?? waiting[0] ?? latest;
}
