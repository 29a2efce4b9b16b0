import type { HTMLAttributes, JSX } from 'preact';

/** What the browser draws; see client/metric-chart.ts. */
export interface ChartData {
  readonly title: string;
  /** What the horizontal axis counts. */
  readonly along: string;
  readonly x: readonly number[];
  readonly lines: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /** Points without a line between them; the one at this place stands out. */
  readonly points?: { readonly best: number };
  /** Where a click on a point leads to. */
  readonly links?: readonly string[];
}

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
