export type GitHubErrorCode =
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'Conflict'
  | 'Invalid'
  | 'RateLimited'
  | 'Unavailable'
  | 'UnsafeArchive';

/** What a call tried and what it needs, so that an error can say both. */
export interface Attempt {
  /** `read the pull requests of acme/models@1a2b3c4` */
  readonly what: string;
  /** Permission as GitHub names it: `contents: read`. */
  readonly permission: string;
}

/** A call to GitHub that failed, told with what was tried and what to do next. Holds no header and no token. */
export class GitHubError extends Error {
  override readonly name = 'GitHubError';

  constructor(
    readonly code: GitHubErrorCode,
    message: string,
    readonly status?: number,
    /** How long GitHub asks to wait, in milliseconds. */
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const next: Record<GitHubErrorCode, (attempt: Attempt) => string> = {
  Unauthorized: () => "the token or the App key is wrong or has expired: renew it in the worker's settings",
  Forbidden: ({ permission }) =>
    `the credential lacks "${permission}": grant it to the App (and accept it in the installation) or to the token`,
  NotFound: ({ permission }) =>
    `it does not exist, or the credential cannot see it: check the name, that the App is installed there, and "${permission}"`,
  Conflict: () => 'somebody changed it at the same time: it is tried again',
  Invalid: () => 'GitHub does not accept the request as it is',
  RateLimited: () => 'the rate limit is used up: it is tried again when GitHub allows',
  Unavailable: () => 'GitHub or the way to it is down: it is tried again',
  UnsafeArchive: () => 'the archive is not used',
};

/** Maps whatever a call threw. Errors that are GitHubError already pass. */
export function toGitHubError(thrown: unknown, attempt: Attempt, now = Date.now()): GitHubError {
  if (thrown instanceof GitHubError) return thrown;
  const answer = httpErrorOf(thrown);
  const status = answer?.status;
  const wait = retryAfterMs(answer?.headers, now);
  const code = codeOf(status, wait, thrown);
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const granted = code === 'Forbidden' || code === 'NotFound' ? saidOfPermissions(answer?.headers) : '';
  const message = `GitHub: could not ${attempt.what}: ${status === undefined ? '' : `${status} `}${reason.slice(0, 500)}; ${next[code](attempt)}${granted}.`;
  return new GitHubError(code, message, status, wait);
}

/**
 * What GitHub itself says of the right that is missing: `x-accepted-github-permissions` to Apps and fine-grained
 * tokens, `x-oauth-scopes` and `x-accepted-oauth-scopes` to classic ones ("Troubleshooting the REST API").
 */
function saidOfPermissions(headers: Headers | undefined): string {
  const said = (name: string): string => String(headers?.[name] ?? '').replaceAll('=', ': ');
  const [accepted, scopes] = [said('x-accepted-github-permissions'), headers?.['x-oauth-scopes']];
  if (accepted !== '') return ` (GitHub asks for ${accepted})`;
  if (scopes === undefined) return '';
  const wanted = said('x-accepted-oauth-scopes');
  return ` (the token has ${scopes === '' ? 'no scopes' : `the scopes ${String(scopes)}`}${wanted === '' ? '' : `; accepted are ${wanted}`})`;
}

function codeOf(status: number | undefined, wait: number | undefined, thrown: unknown): GitHubErrorCode {
  if (status === 429 || (status === 403 && (wait !== undefined || /rate limit/i.test(String(thrown)))))
    return 'RateLimited';
  if (status === 401) return 'Unauthorized';
  if (status === 403 || status === 451) return 'Forbidden';
  if (status === 404 || status === 410) return 'NotFound';
  if (status === 409) return 'Conflict';
  if (status !== undefined && status >= 400 && status < 500) return 'Invalid';
  return 'Unavailable';
}

/** Octokit's RequestError, known by its documented name and fields: several copies of its class may be installed. */
export function httpErrorOf(
  thrown: unknown,
): { readonly status: number; readonly headers: Headers } | undefined {
  if (!(thrown instanceof Error) || thrown.name !== 'HttpError') return undefined;
  const { status, response } = thrown as Error & { status?: number; response?: { headers?: Headers } };
  // Octokit reports a connection that failed as 500 without an answer.
  return status === undefined || response === undefined
    ? undefined
    : { status, headers: response.headers ?? {} };
}

type Headers = Readonly<Record<string, string | number | undefined>>;

/**
 * GitHub's pause in milliseconds: `retry-after` (seconds), else `x-ratelimit-reset` (epoch seconds) when nothing
 * remains ("Best practices for using the REST API").
 */
export function retryAfterMs(headers: Headers | undefined, now: number): number | undefined {
  const after = Number(headers?.['retry-after']);
  if (Number.isFinite(after)) return after * 1000;
  if (Number(headers?.['x-ratelimit-remaining']) !== 0) return undefined;
  const reset = Number(headers?.['x-ratelimit-reset']);
  return Number.isFinite(reset) ? Math.max(0, reset * 1000 - now) : undefined;
}
