import { DateTime } from 'luxon';
import * as loaded from 'rrule';
import type { Options } from 'rrule';
import type { Json } from '../resources.js';

// Its declarations are those of its ES modules; Node loads the other build.
const { RRule } = (loaded as unknown as { default: typeof loaded }).default;

const FREQUENCIES = ['minute', 'hour', 'day', 'week', 'month'] as const;
export type Frequency = (typeof FREQUENCIES)[number];
/** Milliseconds. */
const LENGTHS = { minute: 60_000, hour: 3_600_000 };

export function isFrequency(text: string): text is Frequency {
  return FREQUENCIES.some((frequency) => frequency === text);
}

export interface Recurrence {
  readonly frequency: Frequency;
  readonly interval: number;
  /** `hours`, `minutes`, `weekDays`, `monthDays`; empty: at the time of day of the start. */
  readonly pattern: Json;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly zone: string;
}

/** The first time after `after` (milliseconds since 1970). */
export function nextRecurrence(recurrence: Recurrence, after: number): number | undefined {
  const { frequency, interval, start, zone } = recurrence;
  // Minutes and hours go by whatever the clocks of a zone do.
  if (frequency === 'minute' || frequency === 'hour') {
    const step = LENGTHS[frequency] * interval;
    return start > after ? start : start + (Math.floor((after - start) / step) + 1) * step;
  }
  const rule = new RRule(ruleOf(frequency, recurrence));
  let at = rule.after(wallTime(after, zone), true);
  while (at !== null) {
    const instant = instantAt(at, zone);
    if (instant > after) return instant;
    at = rule.after(at, false);
  }
  return undefined;
}

/** As a rule of RFC 5545 in the zone's own time of day, which is written as if it were UTC. */
function ruleOf(
  frequency: Exclude<Frequency, 'minute' | 'hour'>,
  { interval, pattern, start, zone }: Recurrence,
): Partial<Options> {
  const freq = { day: RRule.DAILY, week: RRule.WEEKLY, month: RRule.MONTHLY }[frequency];
  const numbers = (key: string) => listOf(pattern[key]).map(Number);
  const days = listOf(pattern['weekDays']).map((day) => WEEK_DAYS.indexOf(String(day).toLowerCase()));
  const [hours, minutes, monthDays] = [numbers('hours'), numbers('minutes'), numbers('monthDays')];
  return {
    ...{ freq, interval, dtstart: wallTime(start, zone) },
    ...(hours.length > 0 && { byhour: hours, bysecond: [0] }),
    ...(minutes.length > 0 && { byminute: minutes, bysecond: [0] }),
    ...(days.length > 0 && { byweekday: days }),
    ...(monthDays.length > 0 && { bymonthday: monthDays }),
  };
}

export const WEEK_DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function wallTime(instant: number, zone: string): Date {
  return DateTime.fromMillis(instant, { zone }).setZone('UTC', { keepLocalTime: true }).toJSDate();
}

function instantAt(wall: Date, zone: string): number {
  return DateTime.fromJSDate(wall, { zone: 'UTC' }).setZone(zone, { keepLocalTime: true }).toMillis();
}
