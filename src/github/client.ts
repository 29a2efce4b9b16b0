import { setTimeout as pause } from 'node:timers/promises';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { httpErrorOf, retryAfterMs, toGitHubError, type Attempt } from './errors.js';

export type { Attempt } from './errors.js';

export interface GitHubSettings {
  /** Default https://api.github.com; `https://HOST/api/v3` for GitHub Enterprise, http on loopback for the emulator. */
  readonly apiUrl?: string;
  /** Fine-grained or classic token. */
  readonly token?: string;
  readonly app?: GitHubApp;
}

export interface GitHubApp {
  readonly appId: number | string;
  /** PEM. */
  readonly privateKey: string;
  readonly installationId: number;
}

/** GitHub as the worker reaches it. */
export interface GitHub {
  /** Only an App may write check runs and (normally) read teams. */
  readonly kind: 'app' | 'token';
  /** Calls the API; whatever fails becomes a GitHubError that names the attempt. */
  call<T>(attempt: Attempt, request: (octokit: Octokit) => Promise<T>): Promise<T>;
}

/** Pauses up to this long are waited for here; longer ones are the caller's (an activity's `nextRetryDelay`). */
const longestPauseMs = 5_000;
const attempts = 3;
const timeoutMs = 60_000;
const silent = (): undefined => undefined;

/** @throws Error when both a token and an App are given. */
export function createGitHub({ apiUrl, token, app }: GitHubSettings): GitHub {
  if (token !== undefined && app !== undefined) {
    throw new Error('GitHub: give either a token or an App (appId, privateKey, installationId), not both.');
  }
  const octokit = new Octokit({
    userAgent: 'temporal-mlops',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: fetchWithTimeout },
    ...(apiUrl !== undefined && { baseUrl: apiUrl.replace(/\/+$/, '') }),
    ...(token !== undefined && { auth: token }),
    ...(app !== undefined && { authStrategy: createAppAuth, auth: app }),
  });
  octokit.hook.wrap('request', (request, options) =>
    retried(async () => request(options), options.method === 'GET'),
  );
  return {
    kind: app === undefined ? 'token' : 'app',
    async call(attempt, request) {
      try {
        return await request(octokit);
      } catch (error) {
        throw toGitHubError(error, attempt);
      }
    },
  };
}

function fetchWithTimeout(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, signal: init.signal ?? AbortSignal.timeout(timeoutMs) });
}

/** A refused request (rate limit) was not carried out and may be repeated; one that broke only if it reads. */
async function retried<T>(request: () => Promise<T>, reads: boolean): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      const wait = attempt < attempts ? pauseAfter(error, attempt, reads) : undefined;
      if (wait === undefined || wait > longestPauseMs) throw error;
      await pause(wait);
    }
  }
}

function pauseAfter(error: unknown, attempt: number, reads: boolean): number | undefined {
  const answer = httpErrorOf(error);
  const asked = retryAfterMs(answer?.headers, Date.now());
  if ((answer?.status === 429 || answer?.status === 403) && asked !== undefined) return asked;
  const broken = answer === undefined || answer.status >= 500;
  return reads && broken ? 250 * 2 ** attempt : undefined;
}

/** Splits `owner/name`. */
export function ownerAndRepo(repository: string): { owner: string; repo: string } {
  const [, owner, repo] = /^([A-Za-z0-9][A-Za-z0-9-]*)\/([A-Za-z0-9._-]+)$/.exec(repository) ?? [];
  if (owner === undefined || repo === undefined || /^\.+$/.test(repo)) {
    throw new Error(`"${repository}" is no repository: owner/name is expected.`);
  }
  return { owner, repo };
}
