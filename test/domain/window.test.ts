import fc from 'fast-check';
import { DateTime } from 'luxon';
import { expect, test } from 'vitest';
import { opensAt } from '../../src/domain/window.js';

const at = (iso: string): number => DateTime.fromISO(iso, { setZone: true }).toMillis();
const office = 'Mon-Thu 09:00-16:00 Europe/Berlin';

test.each([
  ['inside it is now', office, '2026-11-25T10:00+01:00', '2026-11-25T10:00+01:00'],
  ['early in the morning it opens the same day', office, '2026-11-25T05:00+01:00', '2026-11-25T09:00+01:00'],
  ['at its end it is over', office, '2026-11-25T16:00+01:00', '2026-11-26T09:00+01:00'],
  ['after Thursday comes Monday', office, '2026-11-26T18:00+01:00', '2026-11-30T09:00+01:00'],
  [
    'the hours are those of the place',
    'Mon-Sun 09:00-10:00 Asia/Tokyo',
    '2026-11-25T00:30Z',
    '2026-11-25T00:30Z',
  ],
  ['summer ends between Friday and Monday', office, '2026-10-23T12:00+02:00', '2026-10-26T09:00+01:00'],
  ['a night belongs to the day it began', 'Fri 22:00-04:00 UTC', '2026-11-28T03:00Z', '2026-11-28T03:00Z'],
  ['a night ends', 'Fri 22:00-04:00 UTC', '2026-11-28T04:00Z', '2026-12-04T22:00Z'],
  ['days go round', 'Sat-Mon 00:00-24:00 UTC', '2026-11-25T12:00Z', '2026-11-28T00:00Z'],
])('%s', (_name, window, now, opens) => {
  expect(new Date(opensAt(window, at(now))).toISOString()).toBe(new Date(at(opens)).toISOString());
});

test('it never opens in the past, and what it says is open is open', () => {
  const hour = fc.integer({ min: 0, max: 23 }).map((value) => `${String(value).padStart(2, '0')}:30`);
  const day = fc.constantFrom('Mon', 'Wed', 'Sun');
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe');
  fc.assert(
    fc.property(
      fc.tuple(day, day, hour, hour, zone),
      fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
      ([from, to, start, end, place], now) => {
        const window = `${from}-${to} ${start}-${end} ${place}`;
        const opens = opensAt(window, now);
        expect(opens).toBeGreaterThanOrEqual(now);
        expect(opens).toBeLessThanOrEqual(now + 9 * 86_400_000);
        expect(opensAt(window, opens)).toBe(opens);
      },
    ),
  );
});
