import uPlot from 'uplot';
import type { ChartData } from './chart-data.js';

const HEIGHT = 190;
const FEW_POINTS = 40;
const dark = matchMedia('(prefers-color-scheme: dark)');

/** `<metric-chart data="…">`: lines or points along an axis, with the values under the pointer. */
export class MetricChart extends HTMLElement {
  #plot: uPlot | undefined;
  #drawn = '';
  readonly #resized = new ResizeObserver(() => {
    this.#plot?.setSize({ width: this.clientWidth, height: HEIGHT });
  });
  readonly #recolored = () => {
    this.#draw();
  };

  connectedCallback(): void {
    this.#draw();
    this.#resized.observe(this);
    dark.addEventListener('change', this.#recolored);
  }

  disconnectedCallback(): void {
    this.#resized.disconnect();
    dark.removeEventListener('change', this.#recolored);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  /** Takes over what the server has sent anew. */
  renew(from: Element): void {
    for (const name of ['data', 'aria-label']) this.setAttribute(name, from.getAttribute(name) ?? '');
    const data = this.#read();
    const same = data.lines.length + 1 === this.#plot?.series.length && data.points === undefined;
    if (!same) this.#draw();
    else if (this.#drawn !== this.getAttribute('data')) this.#plot?.setData(columns(data));
    this.#drawn = this.getAttribute('data') ?? '';
  }

  #read(): ChartData {
    return JSON.parse(this.getAttribute('data') ?? '') as ChartData;
  }

  /** A canvas knows no variables, and not both colors of one. */
  #resolved(name: string): string {
    this.style.color = `var(${name})`;
    const { color } = getComputedStyle(this);
    this.style.color = '';
    return color;
  }

  #draw(): void {
    const data = this.#read();
    this.#drawn = this.getAttribute('data') ?? '';
    this.#plot?.destroy();
    this.replaceChildren();
    const color = (name: string) => this.#resolved(name);
    this.#plot = new uPlot(optionsOf(data, this.clientWidth, color), columns(data), this);
    if (data.links !== undefined)
      this.#plot.over.addEventListener('click', () => {
        const at = this.#plot?.cursor.idx;
        const link = data.links?.[at ?? -1];
        if (link !== undefined) location.assign(link);
      });
  }
}

function columns({ x, lines }: ChartData): uPlot.AlignedData {
  return [[...x], ...lines.map(({ values }) => [...values])];
}

function optionsOf(data: ChartData, width: number, color: (name: string) => string): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: color('--faint'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
  };
  return {
    width,
    height: HEIGHT,
    legend: { live: true },
    cursor: { y: false, points: { size: 7 } },
    scales: { x: { time: false } },
    axes: [
      {
        ...axis,
        label: data.along,
        size: 24,
        labelSize: 16,
        labelFont: '11px system-ui',
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6],
      },
      {
        ...axis,
        size: 56,
        values: (_plot, ticks) => ticks.map((tick) => String(Number(tick.toPrecision(4)))),
      },
    ],
    series: [
      { label: data.along },
      ...data.lines.map(({ name }, at): uPlot.Series => ({
        label: name,
        stroke: color(`--hue${(at % 6) + 1}`),
        width: 2,
        spanGaps: true,
        value: (_plot, value: number | null) => (value === null ? '–' : String(Number(value.toPrecision(5)))),
        points: {
          show: data.points !== undefined || data.x.length <= FEW_POINTS,
          size: data.points ? 9 : 5,
          fill: color('--surface'),
        },
        ...(data.points === undefined ? {} : { paths: () => null }),
      })),
    ],
    hooks:
      data.points === undefined
        ? {}
        : {
            draw: [
              (plot) => {
                markBest(plot, data, color('--good'));
              },
            ],
          },
  };
}

/** A ring around the best point. */
function markBest(plot: uPlot, { x, lines, points }: ChartData, color: string): void {
  const at = points?.best ?? -1;
  const value = lines[0]?.values[at];
  const place = x[at];
  if (typeof value !== 'number' || place === undefined) return;
  const { ctx } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.arc(
    plot.valToPos(place, 'x', true),
    plot.valToPos(value, 'y', true),
    7 * devicePixelRatio,
    0,
    2 * Math.PI,
  );
  ctx.fillStyle = color;
  ctx.fill();
  ctx.restore();
}
