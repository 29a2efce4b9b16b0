import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createGitHubReader } from '../../action/src/github.js';
import {
  authorsBetween,
  changedFiles,
  defaultBranch,
  fetchSource,
  forkOf,
  isAllowed,
  listTips,
  readFileAt,
  reportDeployment,
  reportPhase,
  resolveCommit,
  verifyComment,
  verifyReview,
  writeComment,
  writeRequest,
} from '../../src/github/index.js';
import { repository, startGitHub, type TestGitHub } from '../support/github.js';
import contract from './github-requests.json' with { type: 'json' };

// Every request that we make is held to GitHub's own description of its API (tools/github-contract.mjs).

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly body?: { readonly properties?: object; readonly oneOf?: unknown; readonly anyOf?: unknown };
}

const ajv = new Ajv({ strict: false, coerceTypes: true });
addFormats.default(ajv);
const compiled = new WeakMap<object, ValidateFunction>();
const check = (schema: object, value: unknown): string[] => {
  const validate = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, validate);
  return validate(value) ? [] : [ajv.errorsText(validate.errors)];
};

// Fixed parts go before parameters: `issues/comments/{id}` is no `issues/{number}`.
const operations = (contract.operations as readonly Operation[])
  .map((operation) => ({
    ...operation,
    pattern: new RegExp(
      `^${operation.path.replaceAll(/\{(path|ref|basehead)\}/g, '(.+)').replaceAll(/\{\w+\}/g, '([^/]+)')}$`,
    ),
    open: operation.path.split('{').length,
  }))
  .sort((a, b) => a.open - b.open || b.path.length - a.path.length);

const used = new Set<string>();
const problems: string[] = [];

function judge(method: string, url: URL, body: string | undefined): void {
  const path = url.pathname.replace(/^\/github/, '');
  if (path === '/graphql') return;
  const operation = operations.find(
    (one) => one.method === method.toLowerCase() && one.pattern.test(decodeURIComponent(path)),
  );
  if (operation === undefined) {
    problems.push(`${method} ${path}: GitHub has no such operation (or tools/github-contract.mjs lacks it)`);
    return;
  }
  used.add(`${operation.method} ${operation.path}`);
  const { parameters, body: schema } = operation;
  const about = `${method} ${operation.path}`;
  for (const [name, value] of url.searchParams) {
    const parameter = parameters.find((one) => one.in === 'query' && one.name === name);
    const found = parameter === undefined ? ['unknown'] : check(parameter.schema, { value }.value);
    problems.push(...found.map((problem) => `${about}: query ${name}: ${problem}`));
  }
  if (body === undefined || schema === undefined) return;
  const value = JSON.parse(body) as object;
  problems.push(...check(schema, value).map((problem) => `${about}: ${problem}`));
  const known = schema.properties;
  if (known === undefined) return;
  const unknown = Object.keys(value).filter((key) => !(key in known));
  problems.push(...unknown.map((key) => `${about}: body ${key}: unknown`));
}

let github: TestGitHub;
let commit: string;
let head: string;
let pull: number;
let cache: string;

beforeAll(async () => {
  github = await startGitHub();
  cache = await mkdtemp(join(tmpdir(), 'mlops-contract-'));
  commit = await github.push({ a: '1' });
  head = await github.push({ a: '2' }, { branch: 'feature' });
  ({ number: pull } = await github.post('will', `repos/${repository}/pulls`, {
    title: 'Feature',
    head: 'feature',
    base: 'main',
  }));
});
afterAll(async () => {
  await github.stop();
  await rm(cache, { recursive: true });
});

beforeEach(() => {
  const send = globalThis.fetch;
  vi.stubGlobal('fetch', (input: string | URL, init: RequestInit = {}) => {
    const agent = new Headers(init.headers).get('user-agent') ?? '';
    const body = typeof init.body === 'string' ? init.body : undefined;
    if (agent.startsWith('temporal-mlops')) judge(init.method ?? 'GET', new URL(input), body);
    return send(input, init);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  expect(problems.splice(0)).toEqual([]);
});

test('what the worker shows', async () => {
  const phase = {
    name: 'mlops / diabetes',
    externalId: 'mlops/1',
    status: 'in_progress',
    title: 'Training',
    summaryMarkdown: 'table',
    detailsUrl: 'https://temporal.example/w',
  } as const;
  const failed = {
    ...phase,
    status: 'completed',
    conclusion: 'failure',
    annotations: [{ path: 'mlops.yaml', line: 3, level: 'failure', message: 'unknown key' }],
  } as const;
  for (const one of [github.app, github.as('will')]) {
    await reportPhase(one, repository, commit, phase);
    await reportPhase(one, repository, commit, failed);
  }
  const deployment = { repository, commit, environment: 'production', description: 'd', production: true };
  await reportDeployment(github.app, {
    ...deployment,
    key: 'one',
    state: 'pending',
    logUrl: 'https://t.example',
  });
  for (const key of ['one', 'two'])
    await reportDeployment(github.app, {
      ...deployment,
      key,
      state: 'success',
      environmentUrl: 'https://score.example',
    });
  const request = { repository, title: 'Approve', markdown: 'Please', open: true };
  const marker = {
    lifecycle: 'mlops/1',
    project: 'diabetes',
    environment: 'production',
    code: '3f2a9c41d07b',
  };
  for (const markdown of ['Please', 'Please do'])
    for (const at of [commit, head])
      await writeRequest(github.app, { ...request, marker, commit: at, markdown });
  await writeComment(
    github.app,
    { repository, markdown: 'plan', marker: { ...marker, purpose: 'plan' } },
    pull,
  );
});

test('what the worker reads', async () => {
  const { app } = github;
  await fetchSource(app, { repository, commit }, cache);
  await readFileAt(app, repository, commit, 'a');
  await readFileAt(app, repository, commit, 'not/there');
  await defaultBranch(app, repository);
  await resolveCommit(app, repository, 'main');
  await authorsBetween(app, repository, undefined, head);
  await authorsBetween(app, repository, commit, head);
  await forkOf(app, repository, pull);
  await listTips(app, repository);
  await changedFiles(app, repository, commit, head);
  const rule = {
    code: '3f2a9c41d07b',
    answer: 'approve',
    approvers: ['@acme/ml-leads'],
    notBefore: 0,
    authors: [],
  } as const;
  const body = '/approve 3f2a9c41d07b';
  const comment = await github.post('max', `repos/${repository}/issues/${pull}/comments`, { body });
  await verifyComment(app, repository, comment.id, rule);
  const review = await github.post('max', `repos/${repository}/pulls/${pull}/reviews`, { event: 'APPROVE' });
  await verifyReview(app, repository, review.id, { ...rule, commit: head, approvers: [] });
  await isAllowed(app, repository, ['@acme/none'], 'max');
});

test('what the Action reads', async () => {
  const reader = createGitHubReader(github.apiUrl, repository, 'token-of-ann');
  await reader.comparedFiles(commit, head);
  await reader.comments(pull);
  await reader.roleOf('max');
});

test('a request that GitHub does not describe would show', () => {
  judge('POST', new URL('https://api.github.com/repos/a/b/deployments'), '{"environment":1,"reff":"x"}');
  judge('GET', new URL('https://api.github.com/repos/a/b/issues?stat=all'), undefined);
  judge('GET', new URL('https://api.github.com/repos/a/b/nothing'), undefined);
  expect(problems.splice(0)).toHaveLength(4);
  expect([...used].length).toBeGreaterThan(20);
});
