import type { TopLevelSpec } from 'vega-lite';
import { colors, domainOf, draw } from './charts.js';
import type { Html } from './html.js';

export interface Moment {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly value: number;
}

const size = { width: 270, height: 130 };
const line = { type: 'line', color: colors.accent, strokeWidth: 2 } as const;
const dot = { color: colors.accent, size: 30, filled: true } as const;

/** A line over time. With a bound, values count from 0, and the bound is a dashed line. */
export function trendChart(moments: readonly Moment[], label: string, bound?: number): Promise<Html> {
  const values = moments.map(({ value }) => value);
  const domain =
    bound === undefined
      ? domainOf(values)
      : [0, 1.1 * values.reduce((most, value) => Math.max(most, value), bound)];
  const spec: TopLevelSpec = {
    ...size,
    autosize: { type: 'fit', contains: 'padding' },
    layer: [
      ...(bound === undefined
        ? []
        : [
            {
              data: { values: [{ bound }] },
              mark: { type: 'rule' as const, color: colors.bad, strokeDash: [5, 4] },
              encoding: { y: { field: 'bound', type: 'quantitative' as const } },
            },
          ]),
      {
        data: { values: moments.map(({ atMs, value }) => ({ atMs, value })) },
        mark: { ...line, point: dot },
        encoding: {
          x: {
            field: 'atMs',
            type: 'temporal',
            scale: { type: 'utc' },
            axis: { title: null, grid: false, tickCount: 4, labelOverlap: true },
          },
          y: {
            field: 'value',
            type: 'quantitative',
            scale: { domain, nice: false, zero: false },
            axis: { title: null, tickCount: 4, domain: false, ticks: false },
          },
        },
      },
    ],
  };
  return draw(spec, label);
}
