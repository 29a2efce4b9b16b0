import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import getPort from 'get-port';
import { SignJWT } from 'jose';
import type { Page } from 'playwright-core';
import { stringify } from 'yaml';
import { EndedEarly, startedAgain } from '../../tools/local/started-again.js';
import { type Started, startProgram } from './programs.js';
import type { SecuredServer } from './secured-server.js';
import { closed, keyId, listening, type TokenIssuer } from './tokens.js';

const clientId = 'temporal-ui';

/** The Temporal UI with a login. */
export interface SecuredUi {
  readonly url: string;
  /** Signs in as `subject` in this page's browser. */
  login(page: Page, subject: string): Promise<void>;
  stop(): Promise<void>;
}

export function startSecuredUi(server: SecuredServer): Promise<SecuredUi> {
  return startedAgain(() => startOnce(server));
}

async function startOnce(server: SecuredServer): Promise<SecuredUi> {
  const provider = await startLoginProvider(server.issuer);
  const port = await getPort();
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'mlops-ui-'));
  await writeFile(
    join(folder, 'development.yaml'),
    stringify({
      temporalGrpcAddress: server.address,
      host: '127.0.0.1',
      port,
      enableUi: true,
      disableNewsFetch: true,
      defaultNamespace: 'default',
      cors: { cookieInsecure: true, allowOrigins: [url] },
      auth: {
        enabled: true,
        providers: [
          {
            label: 'test',
            type: 'oidc',
            providerUrl: provider.url,
            clientId,
            clientSecret: 'none',
            scopes: ['openid', 'profile', 'email'],
            callbackUrl: `${url}/auth/sso/callback`,
          },
        ],
      },
    }),
  );
  const program = startProgram(process.env['MLOPS_TEMPORAL_UI_BINARY'] ?? 'temporal-ui', [
    ...['--root', folder, '--config', '.', '--env', 'development', 'start'],
  ]);
  const stop = async (): Promise<void> => {
    await program.stop();
    await closed(provider.server);
    await rm(folder, { recursive: true });
  };
  try {
    await serves(url, program);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ url, stop },
    async login(page, subject) {
      await page.goto(
        `${url}/auth/sso?returnUrl=${encodeURIComponent(`${url}/namespaces/default/workflows`)}`,
      );
      await page.getByRole('link', { name: subject }).click();
      await page.getByRole('heading', { name: /Workflows/ }).waitFor();
    },
  };
}

async function serves(url: string, program: Started): Promise<void> {
  const until = Date.now() + 30_000;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    if (program.ended()) throw new EndedEarly('The Temporal UI', program.log());
    if (Date.now() > until) throw new Error(`the Temporal UI does not answer: ${program.log()}`);
    await pause(100);
  }
}

/** As much of OpenID Connect as the UI asks for: a page with a link for each person, and tokens of the server's issuer. */
async function startLoginProvider(issuer: TokenIssuer) {
  const logins = new Map<string, { subject: string; nonce: string }>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  const url = await listening(server);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    const json = (body: object): void => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    };
    switch (pathname) {
      case '/.well-known/openid-configuration':
        json({
          issuer: url,
          authorization_endpoint: `${url}/authorize`,
          token_endpoint: `${url}/token`,
          jwks_uri: issuer.jwksUrl,
          id_token_signing_alg_values_supported: ['RS256'],
        });
        return;
      case '/authorize': {
        const links = ['alice@example.com', 'carol@example.com', 'mallory@example.com'].map((subject) => {
          const code = randomUUID();
          logins.set(code, { subject, nonce: searchParams.get('nonce') ?? '' });
          const target = new URL(searchParams.get('redirect_uri') ?? url);
          target.search = new URLSearchParams({ code, state: searchParams.get('state') ?? '' }).toString();
          return `<p><a href="${target.href}">${subject}</a></p>`;
        });
        response.setHeader('content-type', 'text/html').end(`<h1>Who are you?</h1>${links.join('')}`);
        return;
      }
      case '/token': {
        const { subject, nonce } = logins.get(
          new URLSearchParams(await bodyOf(request)).get('code') ?? '',
        ) ?? {
          subject: '',
          nonce: '',
        };
        json({
          // The UI lists namespaces and asks for the cluster, which a writer of one namespace may not.
          access_token: await issuer.token(subject, {
            permissions: ['default:write', 'temporal-system:read'],
          }),
          id_token: await idToken(issuer, url, subject, nonce),
          token_type: 'Bearer',
          expires_in: 3_600,
        });
        return;
      }
      default:
        response.writeHead(404).end();
    }
  }
  return { url, server };
}

function idToken(issuer: TokenIssuer, url: string, subject: string, nonce: string): Promise<string> {
  return new SignJWT({ nonce, email: subject, name: subject })
    .setProtectedHeader({ alg: 'RS256', kid: keyId })
    .setSubject(subject)
    .setIssuer(url)
    .setAudience(clientId)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(issuer.key);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += String(part);
  return body;
}
