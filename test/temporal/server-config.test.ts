import { expect, test } from 'vitest';
import { checkServerConfig } from '../../src/temporal/server-config.js';

const sound = {
  authorization: {
    jwtKeyProvider: { keySourceURIs: ['https://login.example.com/jwks.json'] },
    audience: 'temporal',
    authorizer: 'default',
    claimMapper: 'default',
  },
  tls: { internode: { server: {} } },
};

const badOnes = (global: object): string[] =>
  checkServerConfig({ global }).flatMap(({ state, what }) => (state === 'ok' ? [] : [`${state} ${what}`]));

test('one issuer, an audience and TLS between nodes leave nothing open', () => {
  expect(badOnes(sound)).toEqual([]);
});

test('a second issuer, no audience and plain nodes are named with what to do', () => {
  const { authorization } = sound;
  const keySourceURIs = ['https://a.example/jwks', 'https://b.example/jwks'];
  const open = { ...authorization, audience: '', jwtKeyProvider: { keySourceURIs } };
  expect(badOnes({ authorization: open })).toEqual([
    'bad one issuer',
    'bad audience',
    'warn TLS between nodes',
  ]);
  const findings = checkServerConfig({ global: { authorization: open } });
  expect(findings.every(({ todo }) => todo !== undefined)).toBe(true);
});

test.each([[{}], [{ authorization: { ...sound.authorization, authorizer: '' } }]])(
  'without an authorizer everybody is let in',
  (global) => {
    expect(badOnes(global)).toEqual(['bad authorizer']);
  },
);

test('what is no server configuration is said', () => {
  expect(checkServerConfig('nothing')).toMatchObject([{ state: 'bad', what: 'server configuration' }]);
});
