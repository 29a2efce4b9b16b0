import { z } from 'zod';
import type { Json } from '../types.js';
import { compact, integer, lowerWord, object, text, variant } from './fields.js';

export const weekDays = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;

const times = { start_time: text.optional(), time_zone: text.optional() };
const cron = object({ ...times, type: lowerWord(['cron']), expression: text }, []);
const recurrence = object(
  {
    ...times,
    type: lowerWord(['recurrence']),
    frequency: lowerWord(['minute', 'hour', 'day', 'week', 'month']),
    interval: integer,
    schedule: object(
      {
        week_days: z.array(lowerWord(weekDays)).optional(),
        hours: z.array(integer),
        minutes: z.array(integer),
      },
      [],
    ).optional(),
  },
  [],
);
type Trigger = z.infer<typeof cron> | z.infer<typeof recurrence>;

const trigger = variant<Trigger>('type', { cron, recurrence });

/** `schedules:` of a compute instance: when it starts and stops. */
export const instanceSchedules = object(
  {
    compute_start_stop: z
      .array(
        object(
          {
            trigger: trigger.optional(),
            action: lowerWord(['start', 'stop']),
            state: lowerWord(['enabled', 'disabled']).optional(),
          },
          [],
        ),
      )
      .optional(),
  },
  [],
);

export function schedulesBody({ compute_start_stop: list = [] }: z.infer<typeof instanceSchedules>): Json {
  return {
    computeStartStop: list.map((one) =>
      compact({ action: one.action, status: one.state ?? 'Enabled', ...triggerBody(one.trigger) }),
    ),
  };
}

function triggerBody(spec: Trigger | undefined): Json {
  if (spec === undefined) return {};
  const times = { startTime: spec.start_time, timeZone: spec.time_zone ?? 'UTC' };
  if (spec.type === 'cron') {
    const body = compact({ expression: spec.expression, ...times, triggerType: 'Cron' });
    return { triggerType: 'Cron', cron: body };
  }
  const { schedule } = spec;
  const body = compact({
    frequency: spec.frequency,
    interval: spec.interval,
    schedule: compact({
      hours: schedule?.hours ?? [],
      minutes: schedule?.minutes ?? [],
      weekDays: schedule?.week_days,
    }),
    ...times,
    triggerType: 'Recurrence',
  });
  return { triggerType: 'Recurrence', recurrence: body };
}
