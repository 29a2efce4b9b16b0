import type { NamedPredicted } from '../domain/evaluation.js';
import type { Confusion, Curves } from '../domain/curves.js';
import { formatNumber, formatShare } from '../domain/text.js';
import { type Line, squareChart } from './curve-chart.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { details, keys, scrolling, section } from './layout.js';
import { colorsOf } from './metric-charts.js';
import { colors } from './charts.js';
import { shownModels } from './predicted-lines.js';

interface Drawn {
  readonly name: string;
  readonly color: string;
  readonly curves: Curves;
}

const longestLabel = 20;
const count = (value: number): string => value.toLocaleString('en-US');
const digits = (value: number): string => formatNumber(value, 3);

/** ROC, precision and recall, and calibration of the models that have held-out probabilities. */
export async function curvesSection(predicted: readonly NamedPredicted[]): Promise<Html | undefined> {
  const shown = predicted.slice(0, shownModels);
  const range = colorsOf(shown.map(({ role }) => role));
  const drawn = shown.flatMap(({ name, curves }, i): Drawn[] =>
    curves === undefined ? [] : [{ name, color: range[i] ?? colors.base, curves }],
  );
  const notes = shown.flatMap(({ name, notes: own }) => own.map((note) => html`<li>${name}: ${note}</li>`));
  const told =
    notes.length === 0
      ? undefined
      : html`<ul class="hint">
          ${notes}
        </ul>`;
  if (drawn.length === 0) {
    return told === undefined ? undefined : section('Held-out predictions', told);
  }
  const figures = [await rocFigure(drawn), await precisionFigure(drawn), await calibrationFigure(drawn)];
  return section(
    'Held-out predictions',
    keys(drawn),
    figuresTable(drawn),
    html`<div class="grid curves">${figures}</div>`,
    told,
  );
}

function figuresTable(drawn: readonly Drawn[]): Html {
  return table(
    ['Model', 'ROC AUC', 'Average precision', 'Brier score'],
    drawn.map(({ name, curves }) => [
      name,
      formatNumber(curves.auc),
      formatNumber(curves.averagePrecision),
      formatNumber(curves.brier),
    ]),
  );
}

function rocFigure(drawn: readonly Drawn[]): Promise<Html> {
  return figure(
    'ROC curve',
    'false positive rate',
    'true positive rate',
    drawn,
    ({ curves }) => curves.roc.map(({ falsePositives, truePositives }) => [falsePositives, truePositives]),
    { from: [0, 0], to: [1, 1], name: 'chance' },
  );
}

function precisionFigure(drawn: readonly Drawn[]): Promise<Html> {
  const [first] = drawn;
  const share = first?.curves.prevalence ?? 0;
  return figure(
    'Precision and recall',
    'recall',
    'precision',
    drawn,
    ({ curves }) => curves.precisionRecall.map(({ recall, precision }) => [recall, precision]),
    { from: [0, share], to: [1, share], name: 'guessing' },
  );
}

function calibrationFigure(drawn: readonly Drawn[]): Promise<Html> {
  return figure(
    'Calibration',
    'probability told',
    'share positive',
    drawn,
    ({ curves }) => curves.calibration.map(({ told, seen }) => [told, seen]),
    { from: [0, 0], to: [1, 1], name: 'honest' },
    true,
  );
}

interface Reference {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly name: string;
}

async function figure(
  title: string,
  x: string,
  y: string,
  drawn: readonly Drawn[],
  pointsOf: (one: Drawn) => (readonly [number, number])[],
  reference: Reference,
  dots = false,
): Promise<Html> {
  const lines: Line[] = drawn.map((one) => ({ color: one.color, points: pointsOf(one) }));
  const names = drawn.map(({ name }) => name).join(', ');
  const said = `${title} of ${names}; ${y} by ${x}; the dashed line is ${reference.name}. Its numbers are in the table below.`;
  const drawing = await squareChart({ lines, x, y, reference: [reference.from, reference.to], dots }, said);
  const rows = drawn.flatMap((one) =>
    thinned(pointsOf(one)).map(([across, up]) => [one.name, digits(across), digits(up)]),
  );
  return html`<figure>
    <h3>${title}</h3>
    ${drawing}
    <figcaption class="hint">Dashed: ${reference.name}.</figcaption>
    ${details('Numbers', table(['Model', x, y], rows))}
  </figure>`;
}

/** About as many points as a table is read by, the ends among them. */
function thinned<T>(points: readonly T[], most = 11): T[] {
  if (points.length <= most) return [...points];
  return Array.from(
    { length: most },
    (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))],
  ).filter((point): point is T => point !== undefined);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): Html {
  const number = (i: number): string => (i === 0 ? '' : 'num');
  return scrolling(
    html`<table>
      <thead>
        <tr>
          ${head.map((name, i) => html`<th scope="col" class="${i === 0 ? '' : 'num words'}">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name = '', ...cells]) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${cells.map((cell, i) => html`<td class="${number(i + 1)}">${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>`,
  );
}

/** What was true (down) and what was predicted (across), as shares of what was true. */
export function confusionSection(predicted: readonly NamedPredicted[]): Html | undefined {
  const shown = predicted.slice(0, shownModels).filter(({ rows }) => rows > 0);
  if (shown.length === 0) return undefined;
  return section(
    shown.length === 1 ? 'Confusion matrix' : 'Confusion matrices',
    html`<div class="grid">
      ${shown.map(
        ({ name, rows, confusion }) =>
          html`<div>
            <h3>${name}</h3>
            ${matrix(confusion)}
            <p class="hint">${count(rows)} rows</p>
          </div>`,
      )}
    </div>`,
    html`<p class="hint">
      Shares are of the rows of that true class; without a predicted class, 0.5 decides.
    </p>`,
  );
}

function matrix({ labels, counts }: Confusion): Html {
  return scrolling(
    html`<table class="matrix">
      <thead>
        <tr>
          <th scope="col">true ╲ predicted</th>
          ${labels.map((label) => html`<th scope="col" class="num">${short(label)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${labels.map((label, i) => matrixRow(label, counts[i] ?? [], i))}
      </tbody>
    </table>`,
  );
}

function matrixRow(label: string, counts: readonly number[], place: number): Html {
  const all = counts.reduce((sum, value) => sum + value, 0);
  const cells = counts.map((value, i) => {
    const share = all > 0 ? value / all : 0;
    // A tint below a third of full colour leaves the text its contrast in both colour schemes.
    const tint = Math.round(share * 32);
    const color = i === place ? 'var(--accent)' : 'var(--bad)';
    return html`<td class="num" style="background: color-mix(in srgb, ${color} ${tint}%, transparent)">
      ${count(value)}<span class="delta">${formatShare(share)}</span>
    </td>`;
  });
  return html`<tr>
    <th scope="row">${short(label)}</th>
    ${cells}
  </tr>`;
}

/** Classes are named by users, and a column must not be as wide as a sentence. */
function short(label: string): string {
  return label.length > longestLabel ? `${label.slice(0, longestLabel)}…` : label;
}
