import type { TopLevelSpec } from 'vega-lite';
import type { Condition } from '../domain/project.js';
import { formatNumber, formatOp } from '../domain/text.js';
import { colors, domainOf, drawBoth, nameAxis } from './charts.js';
import type { Html } from './html.js';

export interface MetricDot {
  readonly name: string;
  readonly value: number;
  readonly role: 'best' | 'other' | 'champion';
}

/** One dot a candidate on the gate's metric, the threshold as a line. A dot's place needs no zero, unlike a bar's length. */
export function metricChart(metric: string, dots: readonly MetricDot[], rule?: Condition): Promise<Html> {
  const names = dots.map(({ name }) => name);
  const values = dots.map((dot) => ({ ...dot, shown: formatNumber(dot.value) }));
  const domain = domainOf([...dots.map(({ value }) => value), ...(rule === undefined ? [] : [rule.value])]);
  const bound = rule === undefined ? '' : `required ${formatOp(rule.op)} ${formatNumber(rule.value)}`;
  const place = (width: number): Encoding => ({
    y: {
      field: 'name',
      type: 'nominal',
      sort: null,
      axis: { ...nameAxis(width, names), grid: true },
    },
    x: {
      field: 'value',
      type: 'quantitative',
      scale: { domain, nice: false, zero: false },
      axis: { title: null, grid: false, tickCount: width < 400 ? 4 : 8 },
    },
  });
  const spec = (width: number): TopLevelSpec => ({
    data: { values },
    width,
    height: { step: 34 },
    autosize: { type: 'fit-x', contains: 'padding' },
    layer: [
      ...(rule === undefined ? [] : [thresholdLine(rule.value), thresholdText(rule.value, bound)]),
      {
        mark: { type: 'point', filled: true, size: 130, opacity: 1 },
        encoding: {
          ...place(width),
          color: {
            field: 'role',
            type: 'nominal',
            legend: null,
            scale: {
              domain: ['best', 'other', 'champion'],
              range: [colors.accent, colors.base, colors.third],
            },
          },
          shape: {
            field: 'role',
            type: 'nominal',
            legend: null,
            scale: { domain: ['best', 'other', 'champion'], range: ['circle', 'circle', 'diamond'] },
          },
        },
      },
      {
        mark: { type: 'text', dy: -13 },
        encoding: { ...place(width), text: { field: 'shown', type: 'nominal' } },
      },
    ],
  });
  const said = dots.map(({ name, value }) => `${name} ${formatNumber(value)}`).join(', ');
  return drawBoth(spec, `${metric}: ${said}${bound === '' ? '' : `; ${bound}`}`);
}

type Encoding = NonNullable<Extract<Layer, { mark: unknown }>['encoding']>;
type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number];

function thresholdLine(value: number): Layer {
  return {
    data: { values: [{ value }] },
    mark: { type: 'rule', color: colors.bad, strokeDash: [5, 4], strokeWidth: 1.5 },
    encoding: { x: { field: 'value', type: 'quantitative' } },
  };
}

function thresholdText(value: number, text: string): Layer {
  return {
    data: { values: [{ value, text }] },
    mark: { type: 'text', color: colors.bad, baseline: 'bottom', dy: -4, fontSize: 11 },
    encoding: {
      x: { field: 'value', type: 'quantitative' },
      y: { value: 0 },
      text: { field: 'text', type: 'nominal' },
    },
  };
}

export interface SliceDot {
  readonly slice: string;
  readonly series: string;
  readonly value: number;
}

const candidateColors = [colors.accent, colors.fourth, colors.base] as const;
/** More candidates than these would not be told apart. */
export const mostCandidates = candidateColors.length;

/** A colour each, the champion's the same in every drawing. */
export function colorsOf(roles: readonly ('candidate' | 'champion')[]): string[] {
  const left = [...candidateColors];
  return roles.map((role) => (role === 'champion' ? colors.third : (left.shift() ?? colors.base)));
}

/** One row a slice, one dot a series; the line between them is as long as the difference. */
export function sliceChart(
  metric: string,
  dots: readonly SliceDot[],
  series: readonly { readonly name: string; readonly color: string }[],
): Promise<Html> {
  const names = dots.map(({ slice }) => slice);
  const spec = (width: number): TopLevelSpec => ({
    data: { values: [...dots] },
    width,
    height: { step: 28 },
    autosize: { type: 'fit-x', contains: 'padding' },
    encoding: {
      y: {
        field: 'slice',
        type: 'nominal',
        sort: null,
        axis: { ...nameAxis(width, names), grid: false },
      },
    },
    layer: [
      {
        mark: { type: 'rule', color: 'var(--line)', strokeWidth: 3 },
        encoding: {
          x: { aggregate: 'min', field: 'value', type: 'quantitative' },
          x2: { aggregate: 'max', field: 'value' },
        },
      },
      {
        mark: { type: 'point', filled: true, size: 90, opacity: 1 },
        encoding: {
          x: {
            field: 'value',
            type: 'quantitative',
            scale: { domain: domainOf(dots.map(({ value }) => value)), nice: false, zero: false },
            axis: { title: null, tickCount: width < 400 ? 4 : 8 },
          },
          color: {
            field: 'series',
            type: 'nominal',
            legend: null,
            scale: { domain: series.map(({ name }) => name), range: series.map(({ color }) => color) },
          },
        },
      },
    ],
  });
  const said = dots
    .map(({ slice, series: name, value }) => `${slice} ${name} ${formatNumber(value)}`)
    .join(', ');
  return drawBoth(spec, `${metric} by slice: ${said}`);
}
