/** What a JWT says of its bearer, unchecked: for one's own token only. */
export interface TokenClaims {
  readonly subject?: string;
  readonly permissions: readonly string[];
  /** Seconds since the epoch. */
  readonly expiresAt?: number;
}

/** `undefined` for any other kind of key. */
export function claimsOf(token: string): TokenClaims | undefined {
  const [, claims] = token.replace(/^Bearer /i, '').split('.');
  if (claims === undefined) return undefined;
  try {
    const parsed = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as Record<string, unknown>;
    const { sub, permissions, exp } = parsed;
    return {
      permissions: Array.isArray(permissions) ? permissions.map(String) : [],
      ...(typeof sub === 'string' && sub !== '' && { subject: sub }),
      ...(typeof exp === 'number' && { expiresAt: exp }),
    };
  } catch {
    return undefined;
  }
}

/** The token that connection options carry, whichever way; empty without one. */
export function tokenIn({
  apiKey,
  metadata,
}: {
  readonly apiKey?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
}): string {
  const header = metadata?.['authorization'];
  if (typeof apiKey === 'string') return apiKey;
  return typeof header === 'string' ? header : '';
}

/** gRPC's number for "you may not". */
const permissionDenied = 7;

/** Whether the server refused, whatever wraps its answer. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === permissionDenied) || isRefusal(error.cause);
}

/** What a token lacks, as far as it says so of itself; the rights are those of Temporal's default authorizer. */
export function whatItLacks(token: string, namespace: string): string {
  const needed = `looking needs the permission \`${namespace}:read\`, starting and signalling \`${namespace}:write\``;
  if (token === '') return `no token was sent (TEMPORAL_API_KEY); ${needed}`;
  const claims = claimsOf(token);
  if (claims === undefined) return `the key was not accepted; ${needed}`;
  const { subject = 'nobody', permissions, expiresAt = Infinity } = claims;
  if (expiresAt * 1_000 < Date.now())
    return `the token of ${subject} expired at ${new Date(expiresAt * 1_000).toISOString()}`;
  return `the token of ${subject} has ${permissions.length === 0 ? 'no permissions' : permissions.join(', ')}; ${needed}`;
}
