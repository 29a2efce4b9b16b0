import { DateTime } from 'luxon';

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const pattern = /^(\w{3})(?:-(\w{3}))? (\d\d):(\d\d)-(\d\d):(\d\d) (\S+)$/;

/**
 * When traffic may next change: `now`, if the window is open, else when it opens. Milliseconds since the epoch. Hours
 * are those of the window's time zone, also where its clocks change; one that ends before it begins ends the next day.
 * @param window such as `Mon-Thu 09:00-16:00 Europe/Berlin`
 */
export function opensAt(window: string, now: number): number {
  const [, first = '', last = first, fromHour, fromMinute, toHour, toMinute, zone = ''] =
    pattern.exec(window) ?? [];
  const [begin, span] = [days.indexOf(first as (typeof days)[number]), spanOf(first, last)];
  const overnight = Number(toHour) * 60 + Number(toMinute) <= Number(fromHour) * 60 + Number(fromMinute);
  const today = DateTime.fromMillis(now, { zone }).startOf('day');
  // Yesterday's may still be open; after a week every day has been looked at.
  for (let offset = -1; offset <= 8; offset += 1) {
    const day = today.plus({ days: offset });
    if ((day.weekday - 1 - begin + 7) % 7 > span) continue;
    const open = day.set({ hour: Number(fromHour), minute: Number(fromMinute) });
    const endDay = day.plus({ days: overnight || toHour === '24' ? 1 : 0 });
    const close = endDay.set({ hour: Number(toHour) % 24, minute: Number(toMinute) });
    if (now < close.toMillis()) return Math.max(now, open.toMillis());
  }
  return now;
}

function spanOf(first: string, last: string): number {
  const [from, to] = [first, last].map((name) => days.indexOf(name as (typeof days)[number]));
  return ((to ?? 0) - (from ?? 0) + 7) % 7;
}
