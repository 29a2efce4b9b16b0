import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/resources.js';
import { readTrigger } from '../../src/schedules/trigger.js';

const CREATED = Date.parse('2026-03-01T00:00:00Z');
const SECOND = 1000;

/** The first times from a moment on, as ISO 8601 without milliseconds. */
function times(trigger: Json, count: number, from = CREATED - SECOND): string[] {
  const next = readTrigger(trigger, CREATED);
  const found: string[] = [];
  for (let at = next(from); at !== undefined && found.length < count; at = next(at))
    found.push(new Date(at).toISOString().slice(0, 16));
  return found;
}

const cron = (expression: string, more: Json = {}) => ({ triggerType: 'Cron', expression, ...more });
const every = (interval: number, frequency: string, more: Json = {}) => ({
  ...{ triggerType: 'Recurrence', frequency, interval },
  ...more,
});

describe('cron triggers', () => {
  it('fire at their minutes, hours and days of the week', () => {
    expect(times(cron('15 10,16 * * 1'), 3)).toEqual([
      '2026-03-02T10:15',
      '2026-03-02T16:15',
      '2026-03-09T10:15',
    ]);
  });
  it('ignore days and months, as Azure ML does', () => {
    expect(times(cron('0 9 24 12 *'), 2)).toEqual(['2026-03-01T09:00', '2026-03-02T09:00']);
  });
  it('go by the clocks of their zone, which Windows names, from start to end', () => {
    const zone = {
      timeZone: 'Pacific Standard Time',
      startTime: '2026-03-07 00:00:00',
      endTime: '2026-03-09T00:00:00',
    };
    // On 8 March the clocks of the Pacific go forward.
    expect(times(cron('30 8 * * *', zone), 9)).toEqual(['2026-03-07T16:30', '2026-03-08T15:30']);
  });
});

describe('recurrence triggers', () => {
  it('begin when they are made, where no start is given', () => {
    expect(times(every(6, 'Hour'), 3)).toEqual(['2026-03-01T00:00', '2026-03-01T06:00', '2026-03-01T12:00']);
  });
  it('begin at the next of their times, where the start has passed', () => {
    const startTime = '2020-01-01T00:10:00Z';
    expect(times(every(15, 'minute', { startTime }), 2)).toEqual(['2026-03-01T00:10', '2026-03-01T00:25']);
    expect(times(every(2, 'day', { startTime }), 2)).toEqual(['2026-03-02T00:10', '2026-03-04T00:10']);
  });
  it('go by the clocks of their zone', () => {
    const berlin = { timeZone: 'W. Europe Standard Time', startTime: '2026-03-28T07:00:00' };
    expect(times(every(1, 'Day', berlin), 2)).toEqual(['2026-03-28T06:00', '2026-03-29T05:00']);
  });
  it('take a pattern', () => {
    const schedule = { hours: [8, 20], minutes: [0, 30], weekDays: ['Monday'], monthDays: null };
    expect(times(every(2, 'Week', { startTime: '2026-03-02T00:00:00Z', schedule }), 5)).toEqual([
      '2026-03-02T08:00',
      '2026-03-02T08:30',
      '2026-03-02T20:00',
      '2026-03-02T20:30',
      '2026-03-16T08:00',
    ]);
    const ends = { schedule: { hours: [6], minutes: [0], monthDays: [1, 31] } };
    expect(times(every(1, 'Month', ends), 4)).toEqual([
      '2026-03-01T06:00',
      '2026-03-31T06:00',
      '2026-04-01T06:00',
      '2026-05-01T06:00',
    ]);
  });
});

describe('bad triggers', () => {
  it.each([
    [cron('99 * * * *'), "expression '99 * * * *' cannot be read"],
    [cron('* * *'), 'five fields'],
    [cron('0 0 * * *', { timeZone: 'Mars', endTime: 'soon' }), "timeZone 'Mars' is not known"],
    [cron('0 0 * * *', { startTime: 'soon' }), "startTime 'soon' is no time"],
    [every(0, 'Hour'), 'interval must be a whole number'],
    [every(1, 'Fortnight'), 'frequency must be'],
    [every(1, 'Week', { schedule: { hours: [24], weekDays: ['Moonday'] } }), 'schedule.hours must be'],
    [{ triggerType: 'Moon' }, "triggerType 'Moon' is neither"],
  ])('are refused: %j', (trigger, message) => {
    expect(() => readTrigger(trigger, CREATED)).toThrow(message);
  });
  it('are told of all at once', () => {
    const bad = every(1, 'Week', { schedule: { hours: [24], weekDays: ['Moonday'] } });
    expect(() => readTrigger(bad, CREATED)).toThrow(/hours must be .*weekDays must be/);
  });
});
