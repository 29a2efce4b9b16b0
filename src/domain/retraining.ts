import { formatMs } from './text.js';

/** What an endpoint remembers of its breaches. Times are milliseconds since the epoch, newest last. */
export interface RetrainingHistory {
  readonly retrainedAt: readonly number[];
  readonly breaches: number;
}

export interface RetrainingLimits {
  /** Least time between two retrainings. */
  readonly cooldownMs: number;
  /** At most so many retrainings … */
  readonly max: number;
  /** … in so long a time. */
  readonly windowMs: number;
}

export const defaultRetrainingLimits: RetrainingLimits = {
  cooldownMs: 24 * 3_600_000,
  max: 4,
  windowMs: 30 * 24 * 3_600_000,
};

export interface GovernorDecision {
  readonly action: 'retrain' | 'notify' | 'rollback' | 'cooling_down' | 'limit_reached';
  readonly reason: string;
  readonly history: RetrainingHistory;
}

/**
 * Decides what a breach leads to. Retraining costs money and drift tends to be reported daily until it is mended,
 * so it is held back by a cool-down and a number in a window; telling people and rolling back are not.
 * @param wish what the project asks for on a breach.
 */
export function govern(
  history: RetrainingHistory,
  wish: 'notify' | 'retrain' | 'rollback',
  now: number,
  limits: RetrainingLimits = defaultRetrainingLimits,
): GovernorDecision {
  const recent = history.retrainedAt.filter((at) => at > now - Math.max(limits.windowMs, limits.cooldownMs));
  const kept = { retrainedAt: recent, breaches: history.breaches + 1 };
  if (wish !== 'retrain') {
    return {
      action: wish,
      reason: `the project asks to ${wish === 'notify' ? 'tell people' : 'roll back'}`,
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
    history: { ...kept, retrainedAt: [...recent, now] },
  };
}
