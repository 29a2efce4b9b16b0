import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';

export const audience = 'temporal-default';
export const keyId = 'test-key';

/** Signs tokens, and publishes the key that checks them. */
export interface TokenIssuer {
  readonly jwksUrl: string;
  readonly key: CryptoKey;
  /** A token of `subject` with these rights, such as `default:write`. */
  token(subject: string, options?: TokenOptions): Promise<string>;
  stop(): Promise<void>;
}

export interface TokenOptions {
  readonly permissions?: readonly string[];
  readonly audience?: string;
  readonly issuer?: string;
  /** Seconds from now; negative for one that has expired. */
  readonly expiresIn?: number;
}

export async function startTokenIssuer(): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: keyId, use: 'sig', alg: 'RS256' }];
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  });
  const url = await listening(server);
  return {
    jwksUrl: `${url}/jwks.json`,
    key: privateKey,
    token: (subject, options = {}) =>
      new SignJWT({ permissions: options.permissions ?? ['default:write'] })
        .setProtectedHeader({ alg: 'RS256', kid: keyId })
        .setSubject(subject)
        .setIssuer(options.issuer ?? url)
        .setAudience(options.audience ?? audience)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1_000) + (options.expiresIn ?? 3_600))
        .sign(privateKey),
    stop: () => closed(server),
  };
}

/** Listens on a free port of this machine; the address. */
export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
