/** ISO 8601 as Python's isodate writes a timedelta: 3600 → `PT1H`, 90 → `PT1M30S`, 0.5 → `PT0.5S`, 90000 → `P1DT1H`. */
export function isoSeconds(seconds: number): string {
  if (seconds === 0) return 'P0D';
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  const rest = Number((seconds % 60).toFixed(6));
  const time = [
    hours === 0 ? '' : `${hours}H`,
    minutes === 0 ? '' : `${minutes}M`,
    rest === 0 ? '' : `${rest}S`,
  ].join('');
  return `P${days === 0 ? '' : `${days}D`}${time === '' ? '' : `T${time}`}`;
}

/** Undefined for none and for nothing: the official client leaves a duration of 0 out. */
export function seconds(value: number | undefined): string | undefined {
  return value === undefined || value === 0 ? undefined : isoSeconds(value);
}
