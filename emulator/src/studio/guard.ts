import type { FastifyReply, FastifyRequest } from 'fastify';
import { isIP } from 'node:net';
import { AzureError } from '../errors.js';

/**
 * Refuses what another site could make a browser on this machine do. A name that its owner points at 127.0.0.1 is no name
 * of this server (DNS rebinding), and what changes something must come from the page itself.
 */
export function requireOwnSite(request: FastifyRequest): void {
  const host = request.headers.host ?? '';
  if (!isLocalName(host))
    throw new AzureError(
      403,
      'AuthorizationFailed',
      `The page answers under the names of this machine only (127.0.0.1, localhost), not under '${host}'.`,
    );
  const { origin, 'sec-fetch-site': site } = request.headers;
  const same = origin === undefined ? site === 'same-origin' : sameHost(origin, host);
  if (request.method === 'GET' || request.method === 'HEAD' || same) return;
  throw new AzureError(403, 'AuthorizationFailed', 'Only the page itself may ask for this.');
}

function isLocalName(host: string): boolean {
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  const isLoopback = isIP(hostname) === 4 && hostname.startsWith('127.');
  return isLoopback || hostname === '[::1]' || hostname === 'localhost' || hostname.endsWith('.localhost');
}

function sameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === new URL(`http://${host}`).host;
}

/** Nothing is run, shown or asked for but what this server gives; `importMap` is the hash of the one script in the page. */
export function protect(reply: FastifyReply, importMap: string): FastifyReply {
  const policy = [
    "default-src 'none'",
    `script-src 'self' '${importMap}'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return reply.headers({
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  });
}
