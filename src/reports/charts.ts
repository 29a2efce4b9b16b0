import type { TopLevelSpec } from 'vega-lite';
import { escapeHtml, Html, html } from './html.js';

/** Colours are CSS variables, so that one drawing serves both colour schemes. */
export const colors = {
  accent: 'var(--accent)',
  base: 'var(--base)',
  third: 'var(--third)',
  fourth: 'var(--fourth)',
  ink: 'var(--ink)',
  bad: 'var(--bad)',
} as const;

const fonts = 'system-ui, sans-serif';

const config: NonNullable<TopLevelSpec['config']> = {
  aria: false,
  background: 'transparent',
  font: fonts,
  view: { stroke: null },
  axis: {
    labelColor: 'var(--muted)',
    titleColor: 'var(--muted)',
    gridColor: 'var(--line)',
    domainColor: 'var(--line)',
    tickColor: 'var(--line)',
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    labelPadding: 6,
  },
  text: { color: 'var(--ink)', fontSize: 12 },
};

/**
 * Draws a Vega-Lite specification as an inline SVG without scripts, ids or addresses. Names from user code may only
 * come as data values: Vega reads field names and expressions as code.
 * @param label what the drawing shows, for people who do not see it.
 */
export async function draw(spec: TopLevelSpec, label: string): Promise<Html> {
  // Loading Vega takes a third of a second, which only those who write reports should pay for.
  const [lite, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const compiled = lite.compile({ ...spec, config }, { logger: vega.logger(vega.None) }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logLevel: vega.None });
  try {
    const svg = await view.toSVG();
    return new Html(
      svg
        .replace(/ xmlns(:xlink)?="[^"]*"/g, '')
        .replace(/^<svg /, `<svg role="img" aria-label="${escapeHtml(label)}" `),
    );
  } finally {
    view.finalize();
  }
}

/** The same drawing at the widths of a desktop and of a phone, of which the style sheet shows one. */
export async function drawBoth(spec: (width: number) => TopLevelSpec, label: string): Promise<Html> {
  const [wide, narrow] = [await draw(spec(wideWidth), label), await draw(spec(narrowWidth), label)];
  return html`<figure>
    <div class="wide">${wide}</div>
    <div class="narrow">${narrow}</div>
  </figure>`;
}

const wideWidth = 880;
const narrowWidth = 320;

/** Widths of a character of 12 pixels: what Vega assumes where it has no canvas to measure on, and what it is. */
const assumedCharacter = 9.6;
const realCharacter = 7.2;

/** An axis of row names that takes the room they need, at most a third of the chart. */
export function nameAxis(width: number, names: readonly string[]): object {
  const longest = names.reduce((most, name) => Math.max(most, name.length), 0);
  const room = Math.min(longest * realCharacter, width * 0.34);
  return {
    title: null,
    domain: false,
    ticks: false,
    labelLimit: (room * assumedCharacter) / realCharacter + 1,
    minExtent: room + 8,
    maxExtent: room + 8,
  };
}

/** A scale over all values with room at both sides; never empty. */
export function domainOf(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  const room = (high - low) * 0.15 || Math.abs(high) * 0.05 || 0.5;
  return [low - room, high + room];
}
