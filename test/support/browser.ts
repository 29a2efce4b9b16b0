import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const places = [
  process.env['CHROMIUM_PATH'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Program of a Chromium on this machine; playwright-core brings none of its own. */
export const chromiumPath = places.find((path) => path !== '' && existsSync(path));

/** Browser tests are left out only on a developer's machine without a Chromium, never in CI. */
export const withoutBrowser = chromiumPath === undefined && process.env['CI'] === undefined;

export const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };
export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

/** A headless Chromium that asks nobody on the network for anything of its own. */
export function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined)
    throw new Error('no Chromium: install the package chromium, or set CHROMIUM_PATH');
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Opens `url`, which must be on this machine: whatever the page asks of another host is refused and noted. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = desktop,
): Promise<{ readonly page: Page; readonly refused: readonly string[]; readonly errors: readonly string[] }> {
  const context = await browser.newContext(options);
  const refused: string[] = [];
  const errors: string[] = [];
  await context.route(
    ({ protocol, hostname }) =>
      /^(https?|wss?):$/.test(protocol) && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname),
    (route) => {
      refused.push(route.request().url());
      return route.abort();
    },
  );
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(url);
  return { page, refused, errors };
}

/** Keeps a picture of the whole page under `test-artifacts/`, `name` being a path without extension. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const path = join('test-artifacts', `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path, fullPage: true });
  return path;
}
