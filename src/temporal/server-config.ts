import { z } from 'zod';
import type { Finding } from './findings.js';

const configuration = z.object({
  global: z
    .object({
      authorization: z
        .object({
          jwtKeyProvider: z.object({ keySourceURIs: z.array(z.string()).default([]) }).optional(),
          audience: z.string().default(''),
          authorizer: z.string().default(''),
          claimMapper: z.string().default(''),
        })
        .optional(),
      tls: z
        .object({ internode: z.object({}).loose().optional() })
        .loose()
        .optional(),
    })
    .loose()
    .optional(),
});

/** What a Temporal server's own configuration leaves open, which nobody can see from outside. */
export function checkServerConfig(parsed: unknown): Finding[] {
  const read = configuration.safeParse(parsed);
  if (!read.success) {
    const { path, message } = read.error.issues[0] ?? { path: [], message: '' };
    return [
      bad(
        'server configuration',
        `${path.join('.')}: ${message}`,
        'give the file that the server is started with',
      ),
    ];
  }
  const { authorization, tls } = read.data.global ?? {};
  if (authorization === undefined || authorization.authorizer === '' || authorization.claimMapper === '') {
    return [
      bad(
        'authorizer',
        'global.authorization names no authorizer or no claimMapper: everybody is let in',
        'set both to `default`, with a jwtKeyProvider',
      ),
    ];
  }
  const issuers = authorization.jwtKeyProvider?.keySourceURIs ?? [];
  return [
    issuers.length === 1
      ? good('one issuer', issuers.join())
      : bad(
          'one issuer',
          `keySourceURIs has ${issuers.length}: the server ignores \`iss\`, so the same \`sub\` of two issuers is one person`,
          'name exactly one',
        ),
    authorization.audience !== ''
      ? good('audience', authorization.audience)
      : bad('audience', 'is empty: any token of that issuer signs in', 'set global.authorization.audience'),
    tls?.internode !== undefined
      ? good('TLS between nodes', 'global.tls.internode is set')
      : {
          state: 'warn',
          what: 'TLS between nodes',
          found: 'global.tls.internode is not set: whoever reaches the history port writes any name',
          todo: 'set it, or keep those ports to the nodes by a network policy',
        },
  ];
}

function good(what: string, found: string): Finding {
  return { state: 'ok', what, found };
}

function bad(what: string, found: string, todo: string): Finding {
  return { state: 'bad', what, found, todo };
}
