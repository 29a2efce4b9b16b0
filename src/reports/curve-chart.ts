import type { TopLevelSpec } from 'vega-lite';
import { draw } from './charts.js';
import type { Html } from './html.js';

type Point = readonly [number, number];

export interface Line {
  readonly color: string;
  readonly points: readonly Point[];
}

export interface Square {
  readonly lines: readonly Line[];
  readonly x: string;
  readonly y: string;
  /** A dashed line between two points, to compare with. */
  readonly reference: readonly [Point, Point];
  /** Whether each point is marked: where they are few, and the line between them is no measurement. */
  readonly dots: boolean;
}

const side = 270;
const domain: [number, number] = [0, 1];

/** Lines over shares from 0 to 1 in both directions. */
export function squareChart({ lines, x, y, reference, dots }: Square, label: string): Promise<Html> {
  const axis = { tickCount: 5, format: '.1~f' } as const;
  const encoding = {
    x: { field: 'x', type: 'quantitative', scale: { domain }, axis: { ...axis, title: x } },
    y: { field: 'y', type: 'quantitative', scale: { domain }, axis: { ...axis, title: y } },
    order: { field: 'order', type: 'quantitative' },
  } as const;
  const values = (points: readonly Point[]): object[] =>
    points
      .filter(([across, up]) => Number.isFinite(across) && Number.isFinite(up))
      .map(([across, up], order) => ({ x: across, y: up, order }));
  const spec: TopLevelSpec = {
    width: side,
    height: side,
    autosize: { type: 'fit', contains: 'padding' },
    layer: [
      {
        data: { values: values(reference) },
        mark: { type: 'line', color: 'var(--muted)', strokeDash: [4, 4], strokeWidth: 1 },
        encoding,
      },
      // The first is the best candidate's and lies on top.
      ...[...lines].reverse().map(({ color, points }) => ({
        data: { values: values(points) },
        mark: {
          type: 'line' as const,
          color,
          strokeWidth: 2,
          ...(dots && { point: { color, size: 45, filled: true } }),
        },
        encoding,
      })),
    ],
  };
  return draw(spec, label);
}
