import type { HTMLAttributes, JSX } from 'preact';
import type { ChartData } from '../client/chart-data.js';

declare module 'preact' {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how preact is told of elements of one's own
  namespace JSX {
    interface IntrinsicElements {
      'metric-chart': HTMLAttributes & { readonly data: string };
      'live-log': HTMLAttributes & { readonly end?: string | undefined };
    }
  }
}

const short = (value: number | null | undefined) =>
  typeof value === 'number' ? Number(value.toPrecision(5)).toString() : 'no number';

/** A plot, with its figures in words for who does not see it. */
export function Chart({
  of,
  note,
}: {
  readonly of: ChartData;
  readonly note?: string | undefined;
}): JSX.Element {
  const numbers = of.lines.flatMap(({ values }) => values.filter((value) => value !== null));
  const shown = short(of.lines[0]?.values.at(of.points?.best ?? -1));
  const words = `${of.title}: ${of.x.length} values, ${of.points === undefined ? 'last' : 'best'} ${shown}, lowest ${short(
    Math.min(...numbers),
  )}, highest ${short(Math.max(...numbers))}`;
  return (
    <figure class="chart">
      <figcaption>
        <b>{of.title}</b> <span class="num">{shown}</span>
        {note !== undefined && <span class="faint"> {note}</span>}
      </figcaption>
      <metric-chart role="img" aria-label={words} data={JSON.stringify(of)} id={`chart-${of.title}`} />
    </figure>
  );
}
