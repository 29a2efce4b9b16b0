import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createGitHub, type GitHub } from '../../src/github/index.js';

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
}

const secondary = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** A GitHub that gives the answers in turn, the last one for ever, and counts the requests. */
async function answering(...answers: Answer[]): Promise<{ github: GitHub; requests: () => number }> {
  let requests = 0;
  server = createServer((_request, response) => {
    const {
      status,
      headers,
      message = 'no',
    } = answers[Math.min(requests, answers.length - 1)] ?? {
      status: 500,
    };
    requests += 1;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(status < 400 ? { default_branch: 'main' } : { message }));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    github: createGitHub({ apiUrl: `http://127.0.0.1:${port}`, token: 'very-secret', paced: true }),
    requests: () => requests,
  };
}

const place = { owner: 'acme', repo: 'models' };
const look = (github: GitHub) =>
  github.call({ what: 'look at acme/models', permission: 'metadata: read' }, (octokit) =>
    octokit.rest.repos.get(place),
  );
const write = (github: GitHub) =>
  github.call({ what: 'write', permission: 'issues: write' }, (octokit) =>
    octokit.rest.issues.create({ ...place, title: 't' }),
  );

test('short pauses that GitHub asks for are kept and the request is repeated, writing ones too', async () => {
  const { github, requests } = await answering(
    { status: 429, headers: { 'retry-after': '1' }, message: secondary },
    { status: 403, headers: { 'retry-after': '1' }, message: secondary },
    { status: 200 },
  );
  await write(github);
  expect(requests()).toBe(3);
});

test("a long pause is the caller's: the error carries it", async () => {
  const reset = String(Math.ceil(Date.now() / 1000) + 1_800);
  const { github, requests } = await answering({
    status: 403,
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
  });
  const error: unknown = await look(github).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'GitHubError', code: 'RateLimited', status: 403 });
  expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(1_700_000);
  expect(requests()).toBe(1);
});

test('a secondary limit without a pause is an outage, not a denial', async () => {
  const { github, requests } = await answering({ status: 403, message: secondary });
  await expect(look(github)).rejects.toMatchObject({ code: 'RateLimited' });
  expect(requests()).toBe(1);
});

test('reading is tried again when GitHub breaks, writing is not', async () => {
  const reading = await answering({ status: 502 }, { status: 200 });
  expect((await look(reading.github)).data.default_branch).toBe('main');
  server?.close();
  const writing = await answering({ status: 502 });
  await expect(write(writing.github)).rejects.toMatchObject({ code: 'Unavailable', status: 502 });
  expect(writing.requests()).toBe(1);
});

test.each([
  [401, 'Unauthorized', /renew it/],
  [403, 'Forbidden', /lacks "metadata: read"/],
  [404, 'NotFound', /look at acme\/models/],
  [409, 'Conflict', /at the same time/],
  [422, 'Invalid', /does not accept/],
])('%i is told as %s, with what to do next and without the token', async (status, code, text) => {
  const { github } = await answering({ status });
  const error: unknown = await look(github).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, status, message: expect.stringMatching(text) as string });
  expect(JSON.stringify(error) + String(error)).not.toContain('very-secret');
});

test.each([
  [{ 'x-accepted-github-permissions': 'checks=write' }, 'GitHub asks for checks: write'],
  [
    { 'x-oauth-scopes': 'read:org', 'x-accepted-oauth-scopes': 'repo' },
    'the token has the scopes read:org; accepted are repo',
  ],
  [{ 'x-oauth-scopes': '', 'x-accepted-oauth-scopes': 'repo' }, 'the token has no scopes; accepted are repo'],
])('a refusal repeats what GitHub itself says of the right: %o', async (headers, text) => {
  const { github } = await answering({ status: 403, headers });
  const error: unknown = await look(github).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain(text);
  expect(String(error)).not.toContain('very-secret');
});

test('a GitHub that cannot be reached is an outage', async () => {
  const github = createGitHub({ apiUrl: 'http://127.0.0.1:9', token: 'very-secret' });
  await expect(look(github)).rejects.toMatchObject({ code: 'Unavailable' });
});

test('a token and an App together are refused', () => {
  expect(() => createGitHub({ token: 't', app: { appId: 1, privateKey: 'k', installationId: 2 } })).toThrow(
    'not both',
  );
});

test.each([
  [undefined, 'https://github.com'],
  ['https://api.github.com/', 'https://github.com'],
  ['https://api.acme.ghe.com', 'https://acme.ghe.com'],
  ['https://git.acme.example/api/v3', 'https://git.acme.example'],
])('knows where people look beside %s', (apiUrl, webUrl) => {
  expect(createGitHub(apiUrl === undefined ? {} : { apiUrl }).webUrl).toBe(webUrl);
});
