import type { PastLook } from '../domain/past-look.js';
import { formatNumber } from '../domain/text.js';
import { day } from './drift-words.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { details, scrolling, section } from './layout.js';
import { type Moment, trendChart } from './trend-chart.js';

const drawnFeatures = 6;
/** A chart whose highest point is far above shows nothing of the others. */
const highest = 10;

/** How drift and performance came to where they stand: the last looks and this one, oldest first. */
export async function trendSections(
  looks: readonly PastLook[],
  features: readonly string[],
): Promise<Html[]> {
  if (looks.length < 2) return [];
  const drift = [
    ...features
      .slice(0, drawnFeatures)
      .map((name) => ({ name, moments: momentsOf(looks, 'features', name) })),
    ...namesOf(looks, 'predictions').map((name) => ({
      name: `predictions: ${name}`,
      moments: momentsOf(looks, 'predictions', name),
    })),
  ].filter(({ moments }) => moments.length > 1);
  const performance = namesOf(looks, 'performance')
    .map((name) => ({ name, moments: momentsOf(looks, 'performance', name) }))
    .filter(({ moments }) => moments.length > 1);
  const sections: Html[] = [];
  if (drift.length > 0) {
    const figures = await Promise.all(drift.map((one) => figure(one, 'times its threshold', 1)));
    const hint = html`<p class="hint">
      Drift in times of its threshold, at most ${highest}; above the dashed line it is a breach.
    </p>`;
    sections.push(
      section(`Drift over the last ${looks.length} looks`, html`<div class="grid">${figures}</div>`, hint),
    );
  }
  if (performance.length > 0) {
    const figures = await Promise.all(performance.map((one) => figure(one, one.name)));
    sections.push(section('Performance over time', html`<div class="grid">${figures}</div>`));
  }
  return sections;
}

type Kind = 'features' | 'predictions' | 'performance';

function namesOf(looks: readonly PastLook[], kind: Kind): string[] {
  return [...new Set(looks.flatMap((look) => Object.keys(look[kind])))].slice(0, drawnFeatures);
}

/** Features are named by users: `constructor` is a name like any other. */
function momentsOf(looks: readonly PastLook[], kind: Kind, name: string): Moment[] {
  return looks.flatMap((look) => {
    const value = Object.hasOwn(look[kind], name) ? look[kind][name] : undefined;
    return value === undefined || !Number.isFinite(value) || !isTime(look.atMs)
      ? []
      : [{ atMs: look.atMs, value }];
  });
}

function isTime(ms: number): boolean {
  return !Number.isNaN(new Date(ms).getTime());
}

async function figure(
  { name, moments }: { readonly name: string; readonly moments: readonly Moment[] },
  unit: string,
  bound?: number,
): Promise<Html> {
  const drawn =
    bound === undefined ? moments : moments.map((one) => ({ ...one, value: Math.min(highest, one.value) }));
  const [first, last] = [moments[0], moments.at(-1)];
  const said = `${name}, ${unit}: ${formatNumber(first?.value ?? 0, 3)} on ${day(first?.atMs ?? 0)}, ${formatNumber(last?.value ?? 0, 3)} on ${day(last?.atMs ?? 0)}`;
  const table = html`<table>
    <thead>
      <tr>
        <th scope="col">Window’s end</th>
        <th scope="col" class="num">${unit}</th>
      </tr>
    </thead>
    <tbody>
      ${moments.map(
        ({ atMs, value }) =>
          html`<tr>
            <th scope="row">${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')}</th>
            <td class="num">${formatNumber(value, 3)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
  return html`<figure>
    <h3>${name}</h3>
    ${await trendChart(drawn, said, bound)} ${details('Numbers', scrolling(table))}
  </figure>`;
}

/** The trend as lines of a digest: where the worst features stood before, and where they stand. */
export function trendLines(looks: readonly PastLook[], features: readonly string[]): string[] {
  const [before, now] = [looks.at(-2), looks.at(-1)];
  if (before === undefined || now === undefined) return [];
  const moved = (kind: Kind, names: readonly string[], unit: string): string[] =>
    names.flatMap((name) => {
      const [a, b] = [before, now].map((look) =>
        Object.hasOwn(look[kind], name) ? look[kind][name] : undefined,
      );
      return a === undefined || b === undefined
        ? []
        : [`${name} ${formatNumber(a, 3)} → ${formatNumber(b, 3)}${unit}`];
    });
  const parts = [
    ...moved('features', features.slice(0, drawnFeatures), ''),
    ...moved('predictions', namesOf(looks, 'predictions'), ' (predictions)'),
  ];
  const performance = moved('performance', namesOf(looks, 'performance'), '');
  return [
    ...(parts.length === 0 ? [] : [`since the look before, in times of the threshold: ${parts.join(', ')}`]),
    ...(performance.length === 0 ? [] : [`performance since then: ${performance.join(', ')}`]),
  ];
}
