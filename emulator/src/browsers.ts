import type { FastifyRequest } from 'fastify';
import { isIP } from 'node:net';
import { AzureError } from './errors.js';

/**
 * Refuses what a web page of somebody else makes a browser on this machine ask for: jobs are commands, and any token is
 * taken. Browsers tell the page's origin with everything that changes something; a page whose name its owner points at
 * 127.0.0.1 (DNS rebinding) has an origin of that name. Links that lead here are followed. `publicUrl`: names of this server
 * beside those of the machine.
 */
export function refuseOtherSites(request: FastifyRequest, publicUrl: string): void {
  const host = request.headers.host ?? '';
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = request.headers;
  const isLink = mode === 'navigate' && (request.method === 'GET' || request.method === 'HEAD');
  const isForeign = site === 'cross-site' || site === 'same-site';
  if ((origin !== undefined && !isOrigin(origin, host)) || (isForeign && !isLink))
    throw new AzureError(
      403,
      'AuthorizationFailed',
      `A web page of another site (${origin ?? String(site)}) may not ask this server for anything.`,
    );
  if (isLoopback(request) && !isOrigin(publicUrl, host)) requireLocalName(request);
}

/** Whether a request comes from this machine by its own interface. */
export function isLoopback({ ip }: FastifyRequest): boolean {
  const address = ip.replace(/^::ffff:/, '');
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

/** 403 under a name that is none of this machine's own. */
export function requireLocalName({ headers: { host = '' } }: FastifyRequest): void {
  if (isLocalName(host)) return;
  throw new AzureError(
    403,
    'AuthorizationFailed',
    `This server answers under the names of this machine only (127.0.0.1, localhost), not under '${host}'.`,
  );
}

function isLocalName(host: string): boolean {
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  const isAddress = isIP(hostname) === 4 && hostname.startsWith('127.');
  return isAddress || hostname === '[::1]' || hostname === 'localhost' || hostname.endsWith('.localhost');
}

/** Whether a page's origin is this server itself, as the request names it. */
export function isOrigin(origin: string, host: string): boolean {
  if (!URL.canParse(origin) || !URL.canParse(`http://${host}`)) return false;
  return new URL(origin).host === new URL(`http://${host}`).host;
}
