import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attest } from '../../src/cli/signing.js';
import { bundleOf, type EvidenceBundle } from '../../src/domain/bundle.js';
import { runHere } from './support.js';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const [ours, theirs] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const plain = bundleOf({ lifecycle: 'mlops/diabetes/1', record: { approvals: [] }, report: '<p>' }, hash);
const signed: EvidenceBundle = { ...plain, attestation: attest(plain, ours.privateKey) };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mlops-signing-'));
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const files: Record<string, string | Buffer> = {
    'ours.pub': ours.publicKey.export({ type: 'spki', format: 'pem' }),
    'theirs.pub': theirs.publicKey.export({ type: 'spki', format: 'pem' }),
    'rsa.pub': rsa.publicKey.export({ type: 'spki', format: 'pem' }),
    'rsa.key': rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'no.key': 'hunter2',
    'plain.json': JSON.stringify(plain),
    'signed.json': JSON.stringify(signed),
    // Hashes made anew around another report, with the old signature.
    'changed.json': JSON.stringify({
      ...bundleOf({ ...plain, report: '<p>forged' }, hash),
      attestation: signed.attestation,
    }),
    'resigned.json': JSON.stringify({ ...plain, attestation: attest(plain, theirs.privateKey) }),
    'garbled.json': JSON.stringify({ ...plain, attestation: { signature: 7 } }),
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
});
afterAll(() => rm(folder, { recursive: true }));

const mlops = (...args: string[]) => runHere(args, { cwd: folder });

describe('verify --public-key', () => {
  test('accepts what this key signed', async () => {
    const { code, out } = await mlops('verify', 'signed.json', '--public-key', 'ours.pub');
    expect(code).toBe(0);
    expect(out).toMatch(/signed by the key [0-9a-f]{64}/);
  });

  test.each([
    ['an unsigned file', 'plain.json', 'signature: there is none'],
    ['a changed file whose hashes fit again', 'changed.json', 'signature: it is not by the key'],
    ["somebody else's signature", 'resigned.json', 'signature: it is not by the key'],
    ['a signature that is none', 'garbled.json', 'signature: it is not by the key'],
  ])('refuses %s', async (_what, file, problem) => {
    const { code, err } = await mlops('verify', file, '--public-key', 'ours.pub');
    expect(code).toBe(1);
    expect(err).toContain(problem);
  });

  test.each([
    ['a key that is not there', 'missing.pub', 'cannot be read'],
    ['a key of another type', 'rsa.pub', 'holds a key of the type rsa'],
    ['a file that is no key', 'no.key', 'is not an Ed25519 public key in a PEM file'],
  ])('names what is wrong with %s', async (_what, file, problem) => {
    const { code, err } = await mlops('verify', 'signed.json', '--public-key', file);
    expect(code).toBe(2);
    expect(err).toContain(problem);
  });
});

test('without a key it says what nobody has checked', async () => {
  expect((await mlops('verify', 'signed.json')).out).toContain('signed, not checked');
  expect((await mlops('verify', 'plain.json')).out).toContain('not signed');
});

test.each(['rsa.key', 'no.key'])(
  'evidence refuses %s before it connects and quotes nothing',
  async (file) => {
    const { code, err } = await runHere(['evidence', 'mlops/diabetes/1'], {
      cwd: folder,
      env: { MLOPS_EVIDENCE_KEY: file, TEMPORAL_ADDRESS: '127.0.0.1:1' },
    });
    expect(code).toBe(2);
    expect(err).toContain('openssl genpkey -algorithm ed25519');
    expect(err).not.toContain('hunter2');
  },
);
