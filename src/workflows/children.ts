import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { Timing } from '../domain/timing.js';
import { Parking } from './parking.js';
import { childSignal } from './signals.js';

/** Parking of a child workflow: what blocks it shows on its lifecycle, where people look. */
export function childParking(lifecycleId: string | undefined, timing: Timing): Parking {
  const parent = lifecycleId === undefined ? undefined : getExternalWorkflowHandle(lifecycleId);
  return new Parking(timing, (blocked) => {
    parent?.signal(childSignal, { child: workflowInfo().workflowId, blocked: blocked ?? null }).catch(() => {
      // A lifecycle that has ended no longer shows what its child waits for.
    });
  });
}
