import type { FastifyReply, FastifyRequest } from 'fastify';
import { isOrigin, requireLocalName } from '../browsers.js';
import { AzureError } from '../errors.js';

/** Refuses other names than this machine's, and what changes something unless the page itself asks for it. */
export function requireOwnSite(request: FastifyRequest): void {
  requireLocalName(request);
  const { host = '', origin, 'sec-fetch-site': site } = request.headers;
  const same = origin === undefined ? site === 'same-origin' : isOrigin(origin, host);
  if (request.method === 'GET' || request.method === 'HEAD' || same) return;
  throw new AzureError(403, 'AuthorizationFailed', 'Only the page itself may ask for this.');
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
