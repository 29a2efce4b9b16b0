import type { LifecycleStatus, LifecycleVerdict } from '../workflows/messages.js';
import { type ExitCode, exitCodes } from './failures.js';

/** Whether a lifecycle came to what was asked of it: everything else is for somebody to look at. */
const reached: Readonly<Record<LifecycleVerdict, boolean>> = {
  planned: true,
  evaluated: true,
  registered: true,
  released: true,
  gate_failed: false,
  rejected: false,
  expired: false,
  rolled_back: false,
  superseded: false,
  cancelled: false,
  failed: false,
};

/** Exit code for a lifecycle as it stands; 4 only while people or the world must act before it goes on. */
export function exitCodeOf({
  verdict,
  approval,
  blocked,
}: Pick<LifecycleStatus, 'verdict' | 'approval' | 'blocked'>): ExitCode {
  if (verdict !== undefined) return reached[verdict] ? exitCodes.ok : exitCodes.failed;
  return approval === undefined && blocked === undefined ? exitCodes.ok : exitCodes.waiting;
}
