import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { desktop, openPage, phone, screenshot } from '../../../test/support/browser.js';

export type Looked = [url: string, name: string, ready: string, ...more: 'dark'[]];

/** Opens a page at both widths, keeps pictures, and sees that it fits and asked for nothing elsewhere. */
export async function lookAt(browser: Browser, ...[url, name, ready, ...more]: Looked): Promise<void> {
  const looks = { desktop, phone, dark: { ...desktop, colorScheme: 'dark' as const } };
  for (const kind of ['desktop', 'phone', ...more] as const) {
    const { page, refused, errors } = await openPage(browser, url, looks[kind]);
    await page.getByText(ready).first().waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    await page.waitForTimeout(100);
    await screenshot(page, `studio/${name}-${kind}`);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect([name, kind, overflow, refused, errors]).toEqual([name, kind, 0, [], []]);
    await page.context().close();
  }
}
