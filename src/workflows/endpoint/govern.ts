import { boundedLimits, govern } from '../../domain/retraining.js';
import type { Breach } from '../messages.js';
import type { Owner } from './context.js';
import { rollBack } from './rollback.js';

/** What a breach leads to, by policy and within the governor's limits. Returns one sentence. */
export async function answerBreach(owner: Owner, breach: Breach): Promise<string> {
  // Nothing was measured: that is told, and neither a new model nor the old one would mend it.
  const wish = breach.verdict === 'missing_data' ? 'notify' : breach.onBreach;
  const ruling = govern(
    owner.governor,
    wish,
    Date.now(),
    boundedLimits(breach.retraining),
    servesSince(owner),
  );
  switch (ruling.action) {
    case 'retrain': {
      const started = await owner.hasty.step('start the retraining', () =>
        owner.core.startRetraining({ ...breach, timing: owner.timing }),
      );
      owner.governor = ruling.history;
      return `${breach.summary} → retraining started: ${started.lifecycleId}`;
    }
    case 'rollback':
      owner.governor = ruling.history;
      return `${breach.summary} → ${await rollBack(owner)}`;
    case 'notify':
    case 'cooling_down':
    case 'limit_reached':
    case 'stopped':
      owner.governor = ruling.history;
      return `${breach.summary} → ${ruling.reason}`;
  }
}

/** When a retrained model came to serve here, if the champion is one. */
function servesSince({ champion }: Owner): number | undefined {
  return champion?.release?.lifecycleId.split('/')[4] === 'retrain' ? champion.deployedAt : undefined;
}
