/* What makes a page live. It works without: then it is as it was when it was asked for. */
import { Idiomorph } from 'idiomorph';
import { LiveLog } from './live-log.js';
import { MetricChart } from './metric-chart.js';

customElements.define('live-log', LiveLog);
customElements.define('metric-chart', MetricChart);

interface LogPiece {
  readonly text: string;
  readonly skipped?: number;
}

const main = document.querySelector('main');
const live = document.querySelector('#live');
let events: EventSource | undefined;

/** What the server has rendered replaces what is shown, keeping focus, input and what is folded open. */
function show(html: string): void {
  if (main === null) return;
  void Idiomorph.morph(main, html, {
    morphStyle: 'innerHTML',
    ignoreActiveValue: true,
    callbacks: {
      beforeNodeMorphed: (before, after) => {
        if (before instanceof MetricChart && after instanceof Element) before.renew(after);
        return !(before instanceof MetricChart || before instanceof LiveLog);
      },
      beforeAttributeUpdated: (name) => name !== 'open',
    },
  });
  tick();
}

function connect(): void {
  events?.close();
  const page = location.pathname + location.search;
  const opened = new EventSource(`/studio/-/live?page=${encodeURIComponent(page)}`);
  events = opened;
  opened.onopen = () => {
    say('live');
    document.querySelector<LiveLog>('live-log')?.reset();
  };
  opened.onerror = () => {
    say('not connected: trying again');
  };
  opened.addEventListener('page', ({ data }: MessageEvent<string>) => {
    const { html, title } = JSON.parse(data) as { html: string; title: string };
    document.title = `${title} · azureml-emulator`;
    show(html);
  });
  opened.addEventListener('log', ({ data }: MessageEvent<string>) => {
    document.querySelector<LiveLog>('live-log')?.add(JSON.parse(data) as LogPiece);
  });
}

function say(text: string): void {
  if (live === null || live.textContent === text) return;
  live.textContent = text;
  live.classList.toggle('broken', text !== 'live');
}

/** Another view of the same page, without leaving it. */
async function visit(url: string): Promise<void> {
  const answer = await fetch(url);
  const text = await answer.text();
  const content = new DOMParser().parseFromString(text, 'text/html').querySelector('main');
  if (content === null) return;
  history.replaceState(null, '', url);
  show(content.innerHTML);
  connect();
}

const TYPING_MS = 200;
let typing: ReturnType<typeof setTimeout> | undefined;

/** A filter works while it is filled in. */
function onInput({ target }: Event): void {
  const form = target instanceof Element ? target.closest<HTMLFormElement>('form[data-live]') : null;
  if (form === null) return;
  clearTimeout(typing);
  typing = setTimeout(() => {
    const filled = [...new FormData(form)].filter(([, value]) => value !== '') as [string, string][];
    const query = new URLSearchParams(filled).toString();
    void visit(location.pathname + (query === '' ? '' : `?${query}`));
  }, TYPING_MS);
}

function onSubmit(event: SubmitEvent): void {
  const form = event.target instanceof HTMLFormElement ? event.target : undefined;
  const question = form?.dataset['confirm'];
  if (question !== undefined && !confirm(question)) event.preventDefault();
}

/** `3 min`, as the server says it. */
function spell(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function ago(ms: number): string {
  if (ms < 5000) return 'just now';
  return `${spell(ms).replace(/ min \d+ s$/, ' min')} ago`;
}

/** Times that go on. */
function tick(): void {
  const now = Date.now();
  for (const element of document.querySelectorAll<HTMLElement>('[data-since]'))
    write(element, spell(now - Date.parse(element.dataset['since'] ?? '')));
  for (const element of document.querySelectorAll<HTMLTimeElement>('time[data-ago]'))
    write(element, ago(now - Date.parse(element.dateTime)));
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

// A tab that nobody sees holds no connection: a browser has six for one server.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) events?.close();
  else connect();
});
document.addEventListener('input', onInput);
document.addEventListener('submit', onSubmit);
document.addEventListener('click', ({ target }) => {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('.workspaces[open]'))
    if (!(target instanceof Node) || !menu.contains(target)) menu.open = false;
});
document.addEventListener('keydown', ({ key, target }) => {
  if (key === 'Escape')
    for (const menu of document.querySelectorAll<HTMLDetailsElement>('.workspaces')) menu.open = false;
  const typed = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  if (key !== '/' || typed) return;
  const search = document.querySelector<HTMLInputElement>('input[type=search]');
  // The key itself is not to be searched for.
  if (search !== null)
    setTimeout(() => {
      search.focus();
    });
});
document.querySelector('.sections [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
document.documentElement.classList.add('scripted');
setInterval(tick, 1000);
tick();
if (!document.hidden) connect();
