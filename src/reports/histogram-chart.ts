import type { TopLevelSpec } from 'vega-lite';
import { formatNumber } from '../domain/text.js';
import { colors, draw, nameAxis } from './charts.js';
import type { FeatureDrift, Histogram } from '../domain/drift.js';
import type { Html } from './html.js';
import { keys } from './layout.js';

const size = { width: 270, height: 150 };
const shareAxis = { title: null, format: '.0%', tickCount: 3, domain: false, ticks: false } as const;

/** The legend of these drawings. */
export const sides = keys([
  { name: 'baseline', color: colors.base },
  { name: 'this window', color: colors.accent },
]);

/** Baseline as filled bars, the window as a line over them (numbers), or as paired bars (categories). */
export function histogramChart({ feature, metric, value, baseline, current }: FeatureDrift): Promise<Html> {
  const label = `${feature}: shares in the baseline and now; ${metric} ${formatNumber(value)}`;
  return draw(specOf(baseline.histogram, current.histogram), label);
}

function specOf(before: Histogram, now: Histogram): TopLevelSpec {
  return before.kind === 'bins'
    ? binSpec(before.edges, before.shares, now.shares)
    : categorySpec(before.labels, before.shares, now.shares);
}

function binSpec(edges: readonly number[], before: readonly number[], now: readonly number[]): TopLevelSpec {
  const bars = before.map((share, i) => ({ from: edges[i], to: edges[i + 1], share }));
  const first = { from: edges[0], share: 0 };
  const last = { from: edges.at(-1), share: 0 };
  const outline = [first, ...now.map((share, i) => ({ from: edges[i], share })), last];
  const x = { field: 'from', type: 'quantitative' } as const;
  const y = { field: 'share', type: 'quantitative', axis: shareAxis } as const;
  return {
    ...size,
    autosize: { type: 'fit', contains: 'padding' },
    layer: [
      {
        data: { values: bars },
        mark: { type: 'bar', color: colors.base, opacity: 0.55, binSpacing: 1 },
        encoding: {
          x: {
            ...x,
            bin: 'binned',
            scale: { domain: [edges[0] ?? 0, edges.at(-1) ?? 1], nice: false, zero: false },
            axis: { title: null, grid: false, tickCount: 5, format: numberFormat(edges) },
          },
          x2: { field: 'to' },
          y,
        },
      },
      {
        data: { values: outline.map((point, order) => ({ ...point, order })) },
        mark: { type: 'line', interpolate: 'step-after', color: colors.accent, strokeWidth: 2 },
        encoding: { x, y, order: { field: 'order', type: 'quantitative' } },
      },
    ],
  };
}

function categorySpec(
  labels: readonly string[],
  before: readonly number[],
  now: readonly number[],
): TopLevelSpec {
  const values = labels.flatMap((label, i) => [
    { label, side: 'baseline', share: before[i] ?? 0 },
    { label, side: 'now', share: now[i] ?? 0 },
  ]);
  return {
    width: size.width,
    height: { step: 11 },
    autosize: { type: 'fit-x', contains: 'padding' },
    data: { values },
    mark: { type: 'bar' },
    encoding: {
      y: {
        field: 'label',
        type: 'nominal',
        sort: null,
        axis: nameAxis(size.width, labels),
      },
      yOffset: { field: 'side', sort: ['baseline', 'now'] },
      x: { field: 'share', type: 'quantitative', axis: shareAxis },
      color: {
        field: 'side',
        type: 'nominal',
        legend: null,
        scale: { domain: ['baseline', 'now'], range: [colors.base, colors.accent] },
      },
    },
  };
}

/** Digits as people write them; `12M` where they would be many. */
function numberFormat(edges: readonly number[]): string {
  const largest = Math.max(Math.abs(edges[0] ?? 0), Math.abs(edges.at(-1) ?? 0));
  return largest >= 1e5 || largest < 1e-3 ? '.3~s' : '.4~r';
}
