import { z } from 'zod';
import type { Json } from '../types.js';
import { anything, choose, compact, integer, lowerWord, object, text, variant } from './fields.js';
import { weekDays } from './instance-schedules.js';
import type { Rest } from './kind.js';

const ISO =
  /^(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** An ISO time; the official client sends it without fraction and zone. */
const time = z
  .string()
  .regex(ISO, 'expected a time such as 2024-07-10T10:00:00')
  .transform((value) => {
    const [, year = '', ...rest] = ISO.exec(value) ?? [];
    const [month, day, hour, minute, second] = rest.map((part: string | undefined) =>
      (part ?? '0').padStart(2, '0'),
    );
    return `${year}-${month ?? ''}-${day ?? ''} ${hour ?? ''}:${minute ?? ''}:${second ?? '00'}`;
  });

const times = { start_time: time.optional(), end_time: time.optional(), time_zone: text.optional() };

/** One of these, or a list of them; answered as a list. */
function listOf<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  return choose((value) => (Array.isArray(value) ? z.array(item) : item.transform((one) => [one])));
}

const cron = object({ ...times, type: lowerWord(['cron']), expression: text }, []);
const recurrence = object(
  {
    ...times,
    type: lowerWord(['recurrence']),
    frequency: lowerWord(['minute', 'hour', 'day', 'week', 'month']),
    interval: integer,
    schedule: object(
      {
        hours: listOf(integer),
        minutes: listOf(integer),
        week_days: listOf(lowerWord(weekDays)).optional(),
        month_days: listOf(integer).optional(),
      },
      [],
    ).optional(),
  },
  [],
);
export type Trigger = z.infer<typeof cron> | z.infer<typeof recurrence>;

/** What every schedule's file holds beside its action. */
export const scheduleShape = {
  name: text,
  id: text.optional(),
  display_name: text.optional(),
  description: text.optional(),
  tags: anything.optional(),
  properties: z.record(z.string(), text.nullable()).optional(),
  trigger: variant<Trigger>('type', { cron, recurrence }),
};
export const scheduleReadOnly = ['creation_context', 'is_enabled', 'provisioning_state'];

type Schedule = z.output<z.ZodObject<typeof scheduleShape>>;

/** A schedule that does `action`. */
export function scheduleRest(spec: Schedule, action: Json): Rest {
  const properties = compact({
    description: spec.description,
    properties: spec.properties ?? {},
    tags: spec.tags ?? {},
    displayName: spec.display_name,
    trigger: triggerBody(spec.trigger),
    action,
  });
  return { resource: `/schedules/${spec.name}`, body: { properties } };
}

function triggerBody(trigger: Trigger): Json {
  const when = {
    startTime: trigger.start_time,
    endTime: trigger.end_time,
    timeZone: trigger.time_zone ?? 'UTC',
  };
  if (trigger.type === 'cron')
    return compact({ triggerType: 'Cron', expression: trigger.expression, ...when });
  const { schedule } = trigger;
  return compact({
    frequency: trigger.frequency,
    interval: trigger.interval,
    schedule: compact({
      hours: schedule?.hours ?? [],
      minutes: schedule?.minutes ?? [],
      weekDays: schedule?.week_days,
      monthDays: schedule?.month_days,
    }),
    ...when,
    triggerType: 'Recurrence',
  });
}
