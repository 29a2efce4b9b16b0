import type { RolloutStep } from './project.js';
import { stepMistakes } from './rollout.js';
import { parseDuration } from './text.js';

/** An edited plan as it arrived, read; or every reason why it cannot be followed. */
export type ReadSteps =
  | { readonly ok: true; readonly steps: readonly RolloutStep[] }
  | { readonly ok: false; readonly problems: readonly string[] };

const mostSteps = 20;

/**
 * Reads `[{traffic: 50, for: '10m'}, …]` as `mlops.yaml` has it, from a payload that anybody may have written.
 * @param reached share that the challenger has already: a plan only goes on from there.
 */
export function readSteps(payload: unknown, reached: number): ReadSteps {
  const given =
    typeof payload === 'object' && payload !== null && 'steps' in payload ? payload.steps : undefined;
  if (!Array.isArray(given) || given.length > mostSteps) {
    return {
      ok: false,
      problems: [`names no steps; write {"steps": [{"traffic": 50, "for": "10m"}]}, at most ${mostSteps}`],
    };
  }
  const read = given.map((step: unknown, index) => readStep(step, `step ${index + 1}`));
  const problems = read.flatMap((step) => (typeof step === 'string' ? [step] : []));
  if (problems.length > 0) return { ok: false, problems };
  const steps = read.filter((step) => typeof step !== 'string');
  const mistakes = stepMistakes(steps, reached);
  if (mistakes.length > 0)
    return {
      ok: false,
      problems: mistakes.map(({ index, message, fix }) => `step ${index + 1}: ${message}; ${fix}`),
    };
  return { ok: true, steps };
}

function readStep(step: unknown, name: string): RolloutStep | string {
  const {
    mirror,
    traffic,
    for: time,
  }: Readonly<Record<string, unknown>> = typeof step === 'object' && step !== null ? { ...step } : {};
  const forMs = typeof time === 'string' ? parseDuration(time) : undefined;
  if (time !== undefined && forMs === undefined) return `${name}: for is no duration such as "10m"`;
  if (isShare(mirror, 50)) return { kind: 'mirror', percent: mirror, forMs: forMs ?? 0 };
  if (mirror !== undefined) return `${name}: mirror must be a whole percentage from 1 to 50`;
  if (typeof traffic === 'object' && traffic !== null) return readShares({ ...traffic }, name, forMs ?? 0);
  if (isShare(traffic, 100)) return { kind: 'traffic', percent: traffic, forMs: forMs ?? 0 };
  return `${name}: traffic must be a whole percentage from 1 to 100`;
}

function readShares(
  shares: Readonly<Record<string, unknown>>,
  name: string,
  forMs: number,
): RolloutStep | string {
  const odd = Object.entries(shares).find(([, share]) => !isShare(share, 100) && share !== 0);
  if (odd !== undefined) return `${name}: the traffic of ${odd[0].slice(0, 60)} is no whole percentage`;
  const sum = Object.values(shares).reduce<number>((total, share) => total + Number(share), 0);
  if (sum !== 100) return `${name}: its traffic adds up to ${sum}; give every step 100 in sum`;
  const { challenger } = shares;
  if (!isShare(challenger, 100)) return `${name}: names no share of the challenger`;
  return { kind: 'traffic', percent: challenger, forMs };
}

function isShare(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
}
