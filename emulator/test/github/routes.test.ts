import fastify from 'fastify';
import { expect, it } from 'vitest';
import type { EmulatorContext } from '../../src/context.js';
import { registerGitHub } from '../../src/github/index.js';
import { createStore } from '../../src/store.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operationOf } from './contract.js';

/** Routes that are no REST operation: the second address of archives, GraphQL, and GitHub's forms without a reference. */
const BESIDES = [
  '/github/graphql',
  '/github/_codeload/',
  '/repos/:owner/:repo/contents',
  '/repos/:owner/:repo/tarball',
];

it('has only routes that GitHub has', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'routes-'));
  const store = createStore(dataDir);
  const app = fastify();
  const unknown: string[] = [];
  let seen = 0;
  app.addHook('onRoute', ({ method, url }) => {
    if (!url.startsWith('/github/') || method === 'HEAD') return;
    seen += 1;
    if (BESIDES.some((path) => url.endsWith(path) || (path.endsWith('/') && url.startsWith(path)))) return;
    const path = url.replace('/github', '').replaceAll(/:\w+|\*/g, 'x');
    if (operationOf(String(method), path) === undefined) unknown.push(`${String(method)} ${path}`);
  });
  const ctx = { store, dataDir, publicUrl: () => 'http://127.0.0.1', log: () => undefined };
  registerGitHub(app, ctx as unknown as EmulatorContext);
  await app.ready();
  expect(unknown).toEqual([]);
  expect(seen).toBeGreaterThan(50);
  await app.close();
  await store.close();
  await rm(dataDir, { recursive: true });
});
