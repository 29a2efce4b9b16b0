import { z } from 'zod';
import type { Json } from '../../types.js';
import { choose, common, compact, integer, object, text, texts, word } from '../fields.js';
import { kind } from '../kind.js';
import type { Problem } from '../kind.js';
import { scheduleActions } from '../schedule-actions/registry.js';

const hours = choose<number[]>((value) =>
  Array.isArray(value) ? z.array(integer) : integer.transform((one) => [one]),
);
const weekDays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const days = word(weekDays);
type WeekDay = (typeof weekDays)[number];

/** `2026-07-10T10:00:00`, with or without a zone. */
const time = z
  .string('expected a time in quotes, such as "2026-07-10T10:00:00"')
  .regex(
    /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/,
    'expected a time such as "2026-07-10T10:00:00"',
  );

const shared = {
  start_time: time.optional(),
  end_time: time.optional(),
  time_zone: text.optional(),
};
const cron = object({ type: word(['cron']), expression: text, ...shared });
const recurrence = object({
  type: word(['recurrence']),
  frequency: word(['minute', 'hour', 'day', 'week', 'month']),
  interval: integer,
  schedule: object({
    hours,
    minutes: hours,
    week_days: choose<WeekDay[]>((value) =>
      Array.isArray(value) ? z.array(days) : days.transform((day) => [day]),
    ).optional(),
    month_days: hours.optional(),
  }).optional(),
  ...shared,
});
type Trigger = z.infer<typeof cron> | z.infer<typeof recurrence>;

const schema = object({
  ...common,
  name: text,
  display_name: text.optional(),
  trigger: choose<Trigger>((value) => (isCron(value) ? cron : recurrence)),
  properties: texts.optional(),
  is_enabled: z.unknown().optional(),
  ...Object.fromEntries(scheduleActions.map((action) => [action.key, action.schema.optional()])),
});
interface Schedule extends z.infer<typeof schema> {
  /** Values of the actions' keys. */
  readonly [action: string]: unknown;
}

function isCron(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && String((value as Json)['type']).toLowerCase() === 'cron'
  );
}

/** `az ml schedule create`: when, and one action. */
export const schedule = kind<Schedule>({
  name: 'schedule',
  family: 'schedule',
  roles: ['setup'],
  order: 10,
  detects: (value) => 'trigger' in value && scheduleActions.some(({ key }) => key in value),
  schema: schema,
  async check(value, place) {
    const given = actionsOf(value);
    const keys = scheduleActions.map(({ key }) => key);
    const other: Problem[] =
      given.length === 1
        ? []
        : [
            {
              path: [],
              message: `a schedule has one action of ${keys.join(', ')}; this one has ${given.length}`,
            },
          ];
    const found = await Promise.all(
      given.map((action) => action.check(value[action.key], place, value.name)),
    );
    return [...other, ...found.flat()];
  },
  async toRest(value, place, assets) {
    const [action] = actionsOf(value);
    const properties = compact({
      description: value.description,
      properties: value.properties ?? {},
      tags: value.tags ?? {},
      action: await action?.toRest(value[action.key], place, assets),
      displayName: value.display_name,
      trigger: triggerBody(value.trigger),
    });
    return { resource: `/schedules/${value.name}`, body: { properties } };
  },
});

function actionsOf(value: Schedule) {
  return scheduleActions.filter(({ key }) => value[key] !== undefined);
}

function triggerBody(trigger: Trigger): Json {
  const when = compact({
    startTime: trigger.start_time?.replace('T', ' '),
    endTime: trigger.end_time?.replace('T', ' '),
    timeZone: trigger.time_zone ?? 'UTC',
  });
  if (trigger.type === 'cron') return { triggerType: 'Cron', expression: trigger.expression, ...when };
  const { schedule: pattern } = trigger;
  return {
    triggerType: 'Recurrence',
    frequency: trigger.frequency,
    interval: trigger.interval,
    schedule: compact({
      hours: pattern?.hours ?? [],
      minutes: pattern?.minutes ?? [],
      weekDays: pattern?.week_days,
      monthDays: pattern?.month_days,
    }),
    ...when,
  };
}
