import { DateTime, IANAZone } from 'luxon';
import { findIana } from 'windows-iana';

/** The IANA name of a time zone; Azure ML takes the names of Windows (`Pacific Standard Time`). Undefined: there is none such. */
export function zoneOf(name: string): string | undefined {
  const [found] = findIana(name);
  if (found !== undefined) return found;
  const exact = /^UTC([+-])(\d\d?)(?::?(\d\d))?$/.exec(name);
  if (exact !== null)
    return `UTC${exact[1] ?? '+'}${Number(exact[2])}${exact[3] === undefined ? '' : `:${exact[3]}`}`;
  return name === 'UTC' || IANAZone.isValidZone(name) ? name : undefined;
}

/** Milliseconds since 1970 of a time as clients write it (`2026-07-10 10:00:00`, or ISO 8601), in a zone unless it names its own; NaN: it is no time. */
export function instantOf(text: string, zone: string): number {
  return DateTime.fromISO(text.trim().replace(' ', 'T'), { zone }).toMillis();
}
