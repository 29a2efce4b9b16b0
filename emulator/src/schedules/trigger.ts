import { Cron } from 'croner';
import { isJson } from '../arm/crud.js';
import { userError } from '../errors.js';
import type { Json, StoredResource } from '../resources.js';
import { WEEK_DAYS, isFrequency, nextRecurrence } from './recurrence.js';
import { instantOf, zoneOf } from './zones.js';

/** When a schedule fires: the first time after `after`, both in milliseconds since 1970; undefined: never again. */
export type Next = (after: number) => number | undefined;

/**
 * Reads the trigger of a schedule that was made at `created`; throws `UserError` that names every mistake.
 * https://learn.microsoft.com/azure/machine-learning/how-to-schedule-pipeline-job
 */
export function readTrigger(trigger: Json, created: number): Next {
  const name = textOf(trigger['timeZone']) ?? 'UTC';
  const zone = zoneOf(name);
  const mistakes: string[] = [];
  if (zone === undefined)
    mistakes.push(`timeZone '${name}' is not known: name one of Windows, such as 'Pacific Standard Time'.`);
  const instant = (field: string) => {
    const text = textOf(trigger[field]);
    if (text === undefined || zone === undefined) return undefined;
    const read = instantOf(text, zone);
    if (Number.isNaN(read)) mistakes.push(`${field} '${text}' is no time such as 2026-07-10T10:00:00.`);
    return read;
  };
  const [start = created, end = Number.POSITIVE_INFINITY] = [instant('startTime'), instant('endTime')];
  const next = nextOf(trigger, start, zone ?? 'UTC', mistakes);
  if (mistakes.length > 0 || next === undefined)
    throw userError(`The trigger of the schedule is invalid: ${mistakes.join(' ')}`);
  return (after) => {
    const at = next(after);
    return at === undefined || at > end ? undefined : at;
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function nextOf(trigger: Json, start: number, zone: string, mistakes: string[]): Next | undefined {
  const type = textOf(trigger['triggerType']) ?? '';
  switch (type.toLowerCase()) {
    case 'cron':
      return cronOf(textOf(trigger['expression']) ?? '', start, zone, mistakes);
    case 'recurrence':
      return recurrenceOf(trigger, start, zone, mistakes);
    default:
      mistakes.push(`triggerType '${type}' is neither Cron nor Recurrence.`);
      return undefined;
  }
}

/** `MINUTES HOURS DAYS MONTHS DAYS-OF-WEEK`; days and months are taken for `*`, as Azure ML does. */
function cronOf(expression: string, start: number, zone: string, mistakes: string[]): Next | undefined {
  const fields = expression.trim().split(/\s+/);
  try {
    const [minutes, hours, , , weekDays] = fields;
    if (fields.length !== 5) throw new Error('it has to have five fields');
    const cron = new Cron(`${minutes ?? ''} ${hours ?? ''} * * ${weekDays ?? ''}`, {
      timezone: zone,
      paused: true,
    });
    return (after) => cron.nextRun(new Date(Math.max(after, start - 1)))?.getTime();
  } catch (error) {
    mistakes.push(
      `expression '${expression}' cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
    return undefined;
  }
}

function recurrenceOf(trigger: Json, start: number, zone: string, mistakes: string[]): Next | undefined {
  const frequency = (textOf(trigger['frequency']) ?? '').toLowerCase();
  const interval = Number(trigger['interval'] ?? 1);
  const pattern = isJson(trigger['schedule']) ? trigger['schedule'] : {};
  if (!isFrequency(frequency)) mistakes.push('frequency must be Minute, Hour, Day, Week or Month.');
  if (!Number.isInteger(interval) || interval < 1)
    mistakes.push('interval must be a whole number from 1 on.');
  mistakes.push(...patternMistakes(pattern));
  if (!isFrequency(frequency) || mistakes.length > 0) return undefined;
  return (after) => nextRecurrence({ frequency, interval, pattern, start, zone }, after);
}

const RANGES = { hours: [0, 23], minutes: [0, 59], monthDays: [1, 31] } as const;

function patternMistakes(pattern: Json): string[] {
  const listed = (key: string): unknown[] => {
    const value = pattern[key] ?? [];
    return Array.isArray(value) ? value : [value];
  };
  const numbers = Object.entries(RANGES).flatMap(([key, [low, high]]) => {
    const isFit = (value: unknown) =>
      Number.isInteger(value) && Number(value) >= low && Number(value) <= high;
    return listed(key).every(isFit) ? [] : [`schedule.${key} must be whole numbers from ${low} to ${high}.`];
  });
  const isDay = (day: unknown) => WEEK_DAYS.includes(String(day).toLowerCase());
  return listed('weekDays').every(isDay) ? numbers : [...numbers, 'schedule.weekDays must be names of days.'];
}

/** When a stored schedule fires next; undefined: it is off, it is over, or it cannot be read. */
export function nextRun(schedule: StoredResource, after: number): number | undefined {
  const { isEnabled, trigger } = schedule.properties;
  const made =
    typeof schedule._madeAt === 'number' ? schedule._madeAt : Date.parse(schedule.systemData.createdAt);
  if (isEnabled === false || !isJson(trigger)) return undefined;
  try {
    return readTrigger(trigger, made)(after);
  } catch {
    return undefined;
  }
}
