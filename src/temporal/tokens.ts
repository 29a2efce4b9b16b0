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
