import { createAppAuth } from '@octokit/auth-app';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { toGitHubError, type Attempt } from './errors.js';

export type { Attempt } from './errors.js';

export interface GitHubSettings {
  /** Default https://api.github.com; `https://HOST/api/v3` for GitHub Enterprise, http on loopback for the emulator. */
  readonly apiUrl?: string;
  /** Fine-grained or classic token. */
  readonly token?: string;
  readonly app?: GitHubApp;
  /**
   * Keeps GitHub's secondary limits: one writing request a second, one that notifies people every three seconds, over
   * all clients of this process. Default true, but false on loopback, where no such limits are.
   */
  readonly paced?: boolean;
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
  /** Where people look: `https://github.com`. */
  readonly webUrl: string;
  /** Calls the API; whatever fails becomes a GitHubError that names the attempt. */
  call<T>(attempt: Attempt, request: (octokit: Octokit) => Promise<T>): Promise<T>;
}

/** Pauses up to this long are waited for here; longer ones are the caller's (an activity's `nextRetryDelay`). */
const longestPauseMs = 5_000;
const retries = 2;
const timeoutMs = 60_000;
const silent = (): undefined => undefined;

const Client = Octokit.plugin(retry, throttling);

/** @throws Error when both a token and an App are given. */
export function createGitHub({ apiUrl, token, app, paced = !isLocal(apiUrl) }: GitHubSettings): GitHub {
  if (token !== undefined && app !== undefined) {
    throw new Error('GitHub: give either a token or an App (appId, privateKey, installationId), not both.');
  }
  // A request that was refused for its rate was not carried out and may be repeated, a writing one too.
  const shortly = (seconds: number, _options: object, _client: object, retried: number): boolean =>
    seconds * 1000 <= longestPauseMs && retried < retries;
  const octokit = new Client({
    userAgent: 'temporal-mlops',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: fetchWithTimeout },
    retry: { retries, retryAfterBaseValue: 250, doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451] },
    throttle: {
      enabled: paced,
      onRateLimit: shortly,
      onSecondaryRateLimit: shortly,
      // A limit without a pause is an outage to the caller, who has patience.
      fallbackSecondaryRateRetryAfter: 60,
    },
    ...(apiUrl !== undefined && { baseUrl: apiUrl.replace(/\/+$/, '') }),
    ...(token !== undefined && { auth: token }),
    ...(app !== undefined && { authStrategy: createAppAuth, auth: app }),
  });
  // What broke may have been carried out: only reading is repeated here, writing by activities that look first.
  octokit.hook.before('request', (options) => {
    if (options.method !== 'GET') options.request = { ...options.request, retries: 0 };
  });
  return {
    kind: app === undefined ? 'token' : 'app',
    webUrl: webUrlOf(apiUrl),
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

function isLocal(apiUrl: string | undefined): boolean {
  return apiUrl !== undefined && /^https?:\/\/(localhost|127\.|\[::1\])/.test(apiUrl);
}

/** Splits `owner/name`. */
export function ownerAndRepo(repository: string): { owner: string; repo: string } {
  const [, owner, repo] = /^([A-Za-z0-9][A-Za-z0-9-]*)\/([A-Za-z0-9._-]+)$/.exec(repository) ?? [];
  if (owner === undefined || repo === undefined || /^\.+$/.test(repo)) {
    throw new Error(`"${repository}" is no repository: owner/name is expected.`);
  }
  return { owner, repo };
}

/** `https://api.HOST` of github.com and *.ghe.com, `https://HOST/api/v3` of GitHub Enterprise Server → `https://HOST` */
function webUrlOf(apiUrl = 'https://api.github.com'): string {
  return apiUrl
    .replace(/\/+$/, '')
    .replace(/^https:\/\/api\.(github\.com|[^/]+\.ghe\.com)$/, 'https://$1')
    .replace(/\/api\/v3$/, '');
}
