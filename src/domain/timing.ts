/** Pace of waiting, part of every workflow's input so that tests and the local demo can shorten it. Milliseconds. */
export interface Timing {
  /** First and longest pause between looks at long work; between them a pause is a share of the elapsed time. */
  readonly lookFirstMs: number;
  readonly lookLongestMs: number;
  readonly lookShare: number;
  /** How long a blocked step waits for the world, and how often it looks again by itself. */
  readonly blockedForMs: number;
  readonly blockedLookMs: number;
  /** Attempts at an activity over which an outage stretches before its step is blocked. */
  readonly outageAttempts: number;
  /** How often a lifecycle asks again when it has heard nothing from an endpoint. */
  readonly silenceMs: number;
  /** Pause between looks at a deployment's health within a rollout step. */
  readonly healthLookMs: number;
  /** How long a worker may be silent, and how long a quick answer may take, before the step goes on elsewhere. */
  readonly heartbeatMs: number;
  readonly answerMs: number;
  /** How long a lifecycle that has ended waits for GitHub before it leaves the last word to another workflow. */
  readonly farewellMs: number;
  /** How long an endpoint that is retired answers nothing before anything of it is deleted, unless somebody says otherwise. */
  readonly drainMs: number;
}

export const defaultTiming: Timing = {
  lookFirstMs: 1_000,
  lookLongestMs: 15 * 60_000,
  lookShare: 0.25,
  blockedForMs: 72 * 3_600_000,
  blockedLookMs: 30 * 60_000,
  outageAttempts: 8,
  silenceMs: 10 * 60_000,
  healthLookMs: 60_000,
  heartbeatMs: 60_000,
  answerMs: 120_000,
  farewellMs: 15_000,
  drainMs: 15 * 60_000,
};

/** Pause before the next look at work that has taken `elapsedMs` so far: few looks at long work, quick ones at short work. */
export function nextLookMs(elapsedMs: number, timing: Timing): number {
  return Math.min(timing.lookLongestMs, Math.max(timing.lookFirstMs, elapsedMs * timing.lookShare));
}
