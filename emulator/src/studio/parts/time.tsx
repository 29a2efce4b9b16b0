import type { JSX } from 'preact';

/** `3 min`, `1 h 5 min`, `0.4 s`. */
export function spell(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A moment, as how long ago it was; the browser keeps it up. */
export function Ago({ at }: { readonly at: number | string }): JSX.Element {
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso} title={iso} data-ago>
      {iso.slice(0, 19).replace('T', ' ')}
    </time>
  );
}

/** A moment to come, to the minute. */
export function At({ time }: { readonly time: number }): JSX.Element {
  const iso = new Date(time).toISOString();
  return (
    <time class="wraps" dateTime={iso} title={iso}>
      <span class="whole">{iso.slice(0, 10)}</span> {iso.slice(11, 16)} <span class="faint">UTC</span>
    </time>
  );
}

/** The hour of a moment, to the millisecond. */
export function Clock({ at }: { readonly at: number | string }): JSX.Element {
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso} title={iso}>
      {iso.slice(11, 23)}
    </time>
  );
}

/** From one moment to another, or to now and counting. */
export function Lasted({
  from,
  to,
}: {
  readonly from: number | undefined;
  readonly to: number | undefined;
}): JSX.Element {
  if (from === undefined || Number.isNaN(from)) return <span class="faint">–</span>;
  if (to !== undefined) return <span class="num">{spell(to - from)}</span>;
  return (
    <span class="num running" data-since={new Date(from).toISOString()}>
      …
    </span>
  );
}
