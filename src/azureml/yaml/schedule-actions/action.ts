import type { z } from 'zod';
import type { Json } from '../../types.js';
import type { Assets, Place, Problem } from '../kind.js';

/** What a schedule does when its time has come. */
export interface ScheduleAction<T = unknown> {
  /** Key of the schedule's file that holds it. */
  readonly key: string;
  readonly schema: z.ZodType<T>;
  /** Paths of the problems start at the schedule's file. */
  readonly check: (value: T, place: Place, schedule: string) => Promise<Problem[]>;
  /** `action` of the request. */
  readonly toRest: (value: T, place: Place, assets: Assets) => Promise<Json>;
}

/** Keeps the type of the value within an action. */
export function scheduleAction<T>(action: ScheduleAction<T>): ScheduleAction {
  return action as unknown as ScheduleAction;
}
