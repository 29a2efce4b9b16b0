import type { ScheduleAction } from './action.js';
import { createJob } from './create-job.js';

/** Every action of a schedule. A new one is a file beside this one and a line here. */
export const scheduleActions: readonly ScheduleAction[] = [createJob];
