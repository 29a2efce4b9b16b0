import { formatMs } from './text.js';

/** What an endpoint remembers of its breaches. Times are milliseconds since the epoch, newest last. */
export interface RetrainingHistory {
  readonly retrainedAt: readonly number[];
  readonly breaches: number;
  /** Retrainings since one last came to serve; 0 when absent. */
  readonly fruitless?: number;
}

export interface RetrainingLimits {
  /** Least time between two retrainings. */
  readonly cooldownMs: number;
  /** At most so many retrainings … */
  readonly max: number;
  /** … in so long a time. */
  readonly windowMs: number;
  /** After so many in a row of which none came to serve, a person decides whether to go on. */
  readonly maxFruitless: number;
}

export const defaultRetrainingLimits: RetrainingLimits = {
  cooldownMs: 24 * 3_600_000,
  max: 4,
  windowMs: 30 * 24 * 3_600_000,
  maxFruitless: 3,
};

/** No file and no signal loosens the limits beyond these. */
export const loosest = { cooldownMs: 3_600_000, max: 31, maxFruitless: 31 };

/** Limits that came in a signal, which anybody may send who may write to the namespace. */
export function boundedLimits(limits: RetrainingLimits = defaultRetrainingLimits): RetrainingLimits {
  return {
    cooldownMs: atLeast(limits.cooldownMs, loosest.cooldownMs),
    max: atMost(limits.max, loosest.max),
    windowMs: atLeast(limits.windowMs, defaultRetrainingLimits.windowMs),
    maxFruitless: atMost(limits.maxFruitless, loosest.maxFruitless),
  };
}

/** NaN counts as the bound. */
function atLeast(value: number, bound: number): number {
  return value > bound ? value : bound;
}

function atMost(value: number, bound: number): number {
  return value < bound ? value : bound;
}

export interface GovernorDecision {
  readonly action: 'retrain' | 'notify' | 'rollback' | 'cooling_down' | 'limit_reached' | 'stopped';
  readonly reason: string;
  readonly history: RetrainingHistory;
}

/**
 * Decides what a breach leads to. Retraining costs money and drift tends to be reported daily until it is mended,
 * so it is held back by a cool-down and a number in a window; telling people and rolling back are not.
 * @param wish what the project asks for on a breach.
 * @param servesSince when the last retrained model came to serve: it was better, or the gate had kept it out.
 */
export function govern(
  history: RetrainingHistory,
  wish: 'notify' | 'retrain' | 'rollback',
  now: number,
  limits: RetrainingLimits = defaultRetrainingLimits,
  servesSince = Number.NEGATIVE_INFINITY,
): GovernorDecision {
  const recent = history.retrainedAt.filter((at) => at > now - Math.max(limits.windowMs, limits.cooldownMs));
  const latest = history.retrainedAt.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const fruitless = servesSince > latest ? 0 : (history.fruitless ?? 0);
  const kept = { retrainedAt: recent, breaches: history.breaches + 1, fruitless };
  if (wish !== 'retrain') {
    return {
      action: wish,
      reason: `the project asks to ${wish === 'notify' ? 'tell people' : 'roll back'}`,
      history: kept,
    };
  }
  if (fruitless >= limits.maxFruitless) {
    return {
      action: 'stopped',
      reason: `the last ${fruitless === 1 ? 'retraining' : `${fruitless} retrainings`} brought nothing that serves: no further one until somebody says \`resume\``,
      history: kept,
    };
  }
  const last = recent.reduce((latest, at) => Math.max(latest, at), Number.NEGATIVE_INFINITY);
  if (now - last < limits.cooldownMs) {
    return {
      action: 'cooling_down',
      reason: `the last retraining was ${formatMs(Math.max(0, now - last))} ago; the next may start ${formatMs(last + limits.cooldownMs - now)} from now`,
      history: kept,
    };
  }
  const inWindow = recent.filter((at) => at > now - limits.windowMs).length;
  if (inWindow >= limits.max) {
    return {
      action: 'limit_reached',
      reason: `${inWindow} retrainings in ${formatMs(limits.windowMs)}, allowed are ${limits.max}; retraining does not mend this, somebody should look`,
      history: kept,
    };
  }
  return {
    action: 'retrain',
    reason: `retraining ${inWindow + 1} of ${limits.max} in ${formatMs(limits.windowMs)}`,
    history: { ...kept, retrainedAt: [...recent, now], fruitless: fruitless + 1 },
  };
}

interface Wish {
  readonly onBreach: 'notify' | 'retrain' | 'rollback';
}

const strength = { notify: 0, retrain: 1, rollback: 2 } as const;

/**
 * Breaches that came together are answered once, by the strongest wish among them: going back mends at once what
 * retraining would mend later, and two retrainings of one day are the same.
 */
export function coalesce<T extends Wish>(breaches: readonly T[]): T | undefined {
  return breaches.reduce<T | undefined>(
    (strongest, breach) =>
      strongest === undefined || strength[breach.onBreach] > strength[strongest.onBreach]
        ? breach
        : strongest,
    undefined,
  );
}
