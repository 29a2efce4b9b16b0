import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './ask.js';
import type { ProbeSpec } from './spec.js';
import { within } from './within.js';

/** Whether the server answers its health route, as Kubernetes takes it: 200 to 399 within the probe's timeout. */
async function answers(url: string, timeoutMs: number, over: AbortSignal): Promise<boolean> {
  const late = new Error(`no answer within ${timeoutMs} ms`);
  const answer = await within(timeoutMs, over, late, (signal) => ask(url, {}, signal)).catch(() => undefined);
  return answer !== undefined && answer.status >= 200 && answer.status < 400;
}

/** True when the time has passed; false when it was over before. */
async function passes(ms: number, over: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { ref: false, signal: over }).catch(() => false);
}

/**
 * Asks an instance's health route again and again until `over`: `onChange(true)` after `successThreshold` answers in a
 * row, `onChange(false)` after `failureThreshold` misses in a row, each once until it changes. Begins as if it were well.
 */
export async function watchHealth(
  url: string,
  spec: ProbeSpec,
  over: AbortSignal,
  onChange: (isWell: boolean) => void,
): Promise<void> {
  let isWell = true;
  let streak = 0;
  await passes(spec.initialDelayMs, over);
  while (await passes(spec.periodMs, over)) {
    const answered = await answers(url, spec.timeoutMs, over);
    // Being over is no miss.
    if (over.aborted) return;
    streak = answered === isWell ? 0 : streak + 1;
    if (streak < (answered ? spec.successThreshold : spec.failureThreshold)) continue;
    isWell = answered;
    streak = 0;
    onChange(isWell);
  }
}

/** Between two looks at a server that starts. */
const EAGER_MS = 100;

/**
 * Waits until a starting server has answered its readiness probe `successThreshold` times in a row; false when it has not
 * within `allowedMs`. A readiness probe that misses ends nothing, so its failures do not count.
 */
export async function awaitReady(
  url: string,
  readiness: ProbeSpec,
  allowedMs: number,
  over: AbortSignal,
): Promise<boolean> {
  const deadline = Date.now() + allowedMs;
  await passes(readiness.initialDelayMs, over);
  let streak = 0;
  while (Date.now() < deadline && !over.aborted) {
    streak = (await answers(url, readiness.timeoutMs, over)) ? streak + 1 : 0;
    if (streak >= readiness.successThreshold) return true;
    await passes(Math.min(EAGER_MS, readiness.periodMs), over);
  }
  return false;
}

/** How long an instance may take to be ready, in milliseconds: until its liveness probe would end it. */
export function startAllowance(liveness: ProbeSpec, readiness: ProbeSpec): number {
  const of = ({ initialDelayMs, periodMs, failureThreshold }: ProbeSpec) =>
    initialDelayMs + periodMs * failureThreshold;
  return Math.max(of(liveness), of(readiness));
}
