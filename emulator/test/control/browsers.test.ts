import { createServer, request } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, withoutBrowser } from '../../../test/support/browser.js';
import { GROUP, SUBSCRIPTION, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

let test: TestEmulator;
beforeAll(async () => {
  test = await startTestEmulator({ publicUrl: 'http://emulator.example:8743' });
});
afterAll(() => test.stop());

const GROUPS = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}?api-version=2024-04-01`;

function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const all = { authorization: 'Bearer any', ...headers };
    const sent = request(`${test.url}${path}`, { method, headers: all }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.once('error', reject);
    sent.end();
  });
}

const foreign: Record<string, string>[] = [
  { origin: 'http://evil.example' },
  { origin: 'null' },
  { origin: 'http://localhost:1' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { host: 'evil.example' },
  { host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
  { host: '127.0.0.1.evil.example' },
];

it.each(foreign)('takes nothing from a page of another site: %j', async (headers) => {
  for (const [method, path] of [
    ['GET', '/_emulator/requests'],
    ['POST', '/_emulator/faults'],
    ['DELETE', '/_emulator/faults'],
    ['GET', GROUPS],
    ['PUT', GROUPS],
    ['POST', '/github/repos/a/b/issues'],
    ['GET', '/no/such/route'],
  ] as const)
    expect([method, path, await ask(method, path, headers)]).toEqual([method, path, 403]);
});

it('answers clients, which name no page, under every name of this machine and its public one', async () => {
  const names = ['localhost', '127.0.0.1:80', '[::1]:9', 'azureml.localhost', 'emulator.example:8743'];
  for (const host of names) expect(await ask('GET', GROUPS, { host })).toBe(200);
  expect(await ask('GET', '/_emulator/faults', { host: 'localhost' })).toBe(200);
  // The control API belongs to this machine alone.
  expect(await ask('GET', '/_emulator/faults', { host: 'emulator.example:8743' })).toBe(403);
});

it('answers its own pages, and follows links that lead to them', async () => {
  const host = new URL(test.url).host;
  expect(await ask('DELETE', '/_emulator/faults', { host, origin: test.url })).toBe(204);
  const link = { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  expect(await ask('GET', '/studio', link)).toBe(200);
  expect(await ask('POST', '/_emulator/faults', link)).toBe(403);
});

describe.skipIf(withoutBrowser)('a page in Chromium', () => {
  let site: Server;
  let port: number;
  beforeAll(async () => {
    site = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<title>evil</title>');
    });
    await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
    ({ port } = site.address() as AddressInfo);
  });
  afterAll(() => site.close());

  const FAULT = JSON.stringify({ match: { path: '/' }, answer: { status: 500, code: 'Evil', message: 'x' } });

  it('cannot steer it, neither across origins nor by a name that leads here', async () => {
    const browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP *.evil.example 127.0.0.1'],
    });
    const page = await browser.newPage();
    const own = new URL(test.url).port;
    // A page elsewhere sends what needs no leave, as forms do.
    await page.goto(`http://www.evil.example:${port}/`);
    await page.evaluate(
      ([url, body]) =>
        fetch(`${url ?? ''}/_emulator/faults`, {
          ...{ method: 'POST', mode: 'no-cors' as const, body: body ?? null },
          headers: { 'content-type': 'text/plain' },
        }),
      [test.url, FAULT],
    );
    // A page under a name that now leads to the emulator is of one origin with it.
    const answer = await page.goto(`http://rebound.evil.example:${own}/studio`);
    expect(answer?.status()).toBe(403);
    const statuses = await page.evaluate(
      async ([groups, body]) => {
        const json = { 'content-type': 'application/json', authorization: 'Bearer any' };
        const posted = await fetch('/_emulator/faults', {
          method: 'POST',
          body: body ?? null,
          headers: json,
        });
        const read = await fetch(groups ?? '', { headers: json });
        return [posted.status, read.status];
      },
      [GROUPS, FAULT],
    );
    await browser.close();
    expect(statuses).toEqual([403, 403]);
    expect((await test.control('GET', '/faults')).body.value).toEqual([]);
  });
});
