/**
 * A date or time that is written without quotes. To PyYAML, the official client's parser, it is no text: most fields
 * refuse it, and the few that take anything send it as Python prints it.
 */
export class Timestamp {
  constructor(
    /** As it was written. */
    readonly written: string,
    /** `2026-01-02 03:04:05+00:00`, as Python's `str` prints it. */
    readonly printed: string,
    /** `2026-01-02T03:04:05Z`, as environment variables hold it. */
    readonly iso: string,
  ) {}

  toJSON(): string {
    return this.written;
  }
}

const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME =
  /^(?<day>\d{4}-\d\d?-\d\d?)(?:[Tt]|[ \t]+)(?<hour>\d\d?):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<fraction>\d*))?(?:[ \t]*(?<zone>Z|(?<sign>[-+])(?<east>\d\d?)(?::(?<south>\d\d))?))?$/;

/** The date or time that PyYAML reads in a plain scalar; undefined for anything else. */
export function timestampIn(written: string): Timestamp | undefined {
  if (DATE.test(written)) return new Timestamp(written, written, written);
  const found = TIME.exec(written)?.groups;
  if (found === undefined) return undefined;
  const day = (found['day'] ?? '').split('-').map(two).join('-');
  const micros = (found['fraction'] ?? '').slice(0, 6).padEnd(6, '0');
  const clock = [found['hour'], found['minute'], found['second']].map((part) => two(part ?? '')).join(':');
  const time = `${clock}${Number(micros) === 0 ? '' : `.${micros}`}`;
  const zone = zoneOf(found);
  return new Timestamp(
    written,
    `${day} ${time}${zone}`,
    `${day}T${time}${zone.replace('+00:00', 'Z') || 'Z'}`,
  );
}

function zoneOf({ zone, sign = '+', east = '0', south = '00' }: Readonly<Record<string, string>>): string {
  if (zone === undefined) return '';
  return zone === 'Z' ? '+00:00' : `${sign}${two(east)}:${south}`;
}

function two(part: string): string {
  return part.padStart(2, '0');
}

/** A value with every date and time as the text that Python prints. */
export function printed(value: unknown): unknown {
  if (value instanceof Timestamp) return value.printed;
  if (Array.isArray(value)) return value.map(printed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, printed(held)]));
}
