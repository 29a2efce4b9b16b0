import { html } from './html.js';
import type { Child } from './html.js';
import { Html } from './html.js';
import { styles } from './styles.js';

/** How something stands, as a colour and never by the colour alone. */
export type Tone = 'good' | 'bad' | 'warn' | 'note';

export interface Page {
  readonly title: string;
  readonly eyebrow: Child;
  readonly badge: Html;
  /** The verdict in one sentence. */
  readonly headline: string;
  readonly lead?: Child;
  readonly sections: readonly (Html | undefined)[];
}

/** A document that needs nothing but itself, and, by its policy, may load or run nothing else. */
export function page({ title, eyebrow, badge, headline, lead, sections }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        />
        <title>${title}</title>
        <style>
          ${new Html(styles)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <p class="eyebrow">${eyebrow}</p>
            <h1>${headline}</h1>
            <p class="lead">${badge} ${lead}</p>
          </header>
          ${sections.filter((part) => part !== undefined)}
        </main>
      </body>
    </html> `.text;
}

export function section(title: string, ...body: readonly Child[]): Html {
  return html`<section>
    <h2>${title}</h2>
    ${body}
  </section>`;
}

export function badge(text: string, tone: Tone): Html {
  return html`<span class="badge ${tone}">${text}</span>`;
}

export function scrolling(table: Html): Html {
  return html`<div class="wrap" tabindex="0">${table}</div>`;
}

/** What not everybody reads, folded away: the numbers behind a drawing. */
export function details(title: string, body: Html): Html {
  return html`<details>
    <summary>${title}</summary>
    ${body}
  </details>`;
}

/** The legend of charts that share their colours: names and the CSS variable of each. */
export function keys(entries: readonly { readonly name: string; readonly color: string }[]): Html {
  return html`<ul class="keys">
    ${entries.map(
      ({ name, color }) => html`<li><span class="swatch" style="background: ${color}"></span>${name}</li>`,
    )}
  </ul>`;
}

/** First letter raised: our sentences start small, since they are quoted in others. */
export function sentence(text: string): string {
  const closed = /[.!?…✓✗]$/.test(text) ? text : `${text}.`;
  return closed.charAt(0).toUpperCase() + closed.slice(1);
}
