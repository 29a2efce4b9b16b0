import { govern } from '../../domain/retraining.js';
import type { Breach } from '../messages.js';
import type { Owner } from './context.js';
import { rollBack } from './rollback.js';

/** What a breach leads to, by policy and within the governor's limits. Returns one sentence. */
export async function answerBreach(owner: Owner, breach: Breach): Promise<string> {
  const ruling = govern(owner.governor, breach.onBreach, Date.now());
  owner.governor = ruling.history;
  switch (ruling.action) {
    case 'retrain': {
      const started = await owner.parking.step('start the retraining', () =>
        owner.core.startRetraining({ ...breach, timing: owner.timing }),
      );
      return `${breach.summary} → retraining started: ${started.lifecycleId}`;
    }
    case 'rollback':
      return `${breach.summary} → ${await rollBack(owner)}`;
    case 'notify':
    case 'cooling_down':
    case 'limit_reached':
      return `${breach.summary} → ${ruling.reason}`;
  }
}
