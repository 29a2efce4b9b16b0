import type { FastifyReply } from 'fastify';
import { LOGS } from '../runner/log-blob.js';
import { findPage } from './find-page.js';
import { renderMain } from './layout.js';
import { streamLog } from './log-stream.js';
import type { LogSource, Page, StudioParts } from './page.js';

/** However often something changes, a page is made anew no more often than so. */
const PAUSE_MS = 700;
/** Proxies and browsers give up connections that say nothing. */
const ALIVE_MS = 20_000;

/**
 * Keeps a page that is open up to date, by server-sent events: `page` is its content whenever that has changed, `log` a
 * piece of the log that it shows.
 */
export function keepUp(parts: StudioParts, url: URL, reply: FastifyReply): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  const send = (event: string, data: unknown) =>
    raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  let last = '';
  let shownLog = '';
  let endLog: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let busy = false;
  let again = false;

  function followLog(log: LogSource | undefined): void {
    const name = JSON.stringify(log);
    if (log === undefined || name === shownLog) return;
    endLog?.();
    shownLog = name;
    endLog = streamLog(parts, log, (piece) => send('log', piece));
  }

  function show(page: Page): void {
    const html = renderMain(page);
    if (html !== last) send('page', { html, title: page.title });
    last = html;
    followLog(page.log);
  }

  async function renew(): Promise<void> {
    busy = true;
    again = false;
    try {
      show(await findPage(parts, url));
    } catch (error) {
      parts.ctx.log(`page ${url.pathname}: ${String(error)}`);
    }
    timer = setTimeout(() => {
      busy = false;
      if (again) void renew();
    }, PAUSE_MS);
  }

  const endWatch = parts.ctx.store.changes.watch(({ collection }) => {
    if (collection === LOGS) return;
    if (busy) again = true;
    else {
      // After the write that it is told of.
      busy = true;
      setImmediate(() => void renew());
    }
  });
  const alive = setInterval(() => raw.write(': alive\n\n'), ALIVE_MS);
  raw.once('close', () => {
    endWatch();
    endLog?.();
    clearInterval(alive);
    clearTimeout(timer);
  });
  void renew();
}
