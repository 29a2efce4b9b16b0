import { isWebAddress } from '../domain/markdown.js';

/** Text that is HTML already. Only the template below, which escapes all else, and our own charts make it. */
export class Html {
  constructor(readonly text: string) {}
}

export type Child = Html | string | number | undefined | readonly Child[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => entities[character] ?? character)
    .replaceAll('\u0000', '\uFFFD');
}

/** A template whose values are escaped unless they are `Html`; lists are joined, `undefined` is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Child[]): Html {
  return new Html(strings.map((part, i) => part + render(values[i])).join(''));
}

function render(child: Child): string {
  if (child === undefined) return '';
  if (child instanceof Html) return child.text;
  if (typeof child === 'string' || typeof child === 'number') return escapeHtml(String(child));
  return child.map(render).join('');
}

/** A link, or only its text where the address is none of the web: `javascript:` is one too. */
export function link(text: string, url: string | undefined): Html {
  return isWebAddress(url) ? html`<a href="${url}" rel="noopener noreferrer">${text}</a>` : html`${text}`;
}
