import { timingSafeEqual } from 'node:crypto';
import type { StoredResource } from '../resources.js';

/** Reason phrases that Azure ML's endpoints answer 401 with. */
export type Refusal = 'key_auth_bad_header_found' | 'key_auth_access_denied' | 'token_auth_access_denied';

function same(given: string, expected: unknown): boolean {
  if (typeof expected !== 'string' || expected === '') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** What `getToken` answers; times are seconds since 1970. */
export interface Token {
  readonly accessToken: string;
  readonly expiryTimeUtc: number;
  readonly refreshAfterTimeUtc: number;
  readonly tokenType: 'Bearer';
}

/** The tokens that an endpoint has given and not yet forgotten. */
export function tokensOf(endpoint: StoredResource): readonly Token[] {
  return (endpoint['_tokens'] ?? []) as readonly Token[];
}

/** The endpoint's `authMode`, in Azure's spelling; Key when none is stored. */
export function authModeOf(endpoint: StoredResource): 'Key' | 'AMLToken' | 'AADToken' {
  const mode = endpoint.properties['authMode'];
  const stored = typeof mode === 'string' ? mode.toLowerCase() : 'key';
  if (stored === 'amltoken') return 'AMLToken';
  return stored === 'aadtoken' ? 'AADToken' : 'Key';
}

/**
 * Why a request may not score, or undefined when it may: the endpoint's keys stand in `_keys`
 * {primaryKey, secondaryKey}. Any Entra token passes where the endpoint asks for one. `now`: milliseconds since 1970.
 */
export function refusal(
  endpoint: StoredResource,
  authorization: string | undefined,
  now = Date.now(),
): Refusal | undefined {
  const given = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) return 'key_auth_bad_header_found';
  switch (authModeOf(endpoint)) {
    case 'AADToken':
      return undefined;
    case 'AMLToken':
      return tokensOf(endpoint).some(
        ({ accessToken, expiryTimeUtc }) => expiryTimeUtc * 1000 > now && same(given, accessToken),
      )
        ? undefined
        : 'token_auth_access_denied';
    case 'Key':
      return ['primaryKey', 'secondaryKey'].some((name) => same(given, field(endpoint['_keys'], name)))
        ? undefined
        : 'key_auth_access_denied';
  }
}
