import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Attestation, signedBytes } from '../domain/attestation.js';
import type { EvidenceBundle } from '../domain/bundle.js';
import { badInput, reasonOf } from './failures.js';

const making = 'make one: openssl genpkey -algorithm ed25519 -out evidence.key';

/** A private key from a PEM file (PKCS #8). @throws CliError that never quotes the file */
export async function readSigningKey(file: string): Promise<KeyObject> {
  return await readKey(file, 'an Ed25519 private key', making, createPrivateKey);
}

/** @throws CliError */
export async function readPublicKey(file: string): Promise<KeyObject> {
  const deriving = 'derive it: openssl pkey -in evidence.key -pubout -out evidence.pub';
  return await readKey(file, 'an Ed25519 public key', deriving, createPublicKey);
}

async function readKey(
  file: string,
  what: string,
  remedy: string,
  parse: (pem: string) => KeyObject,
): Promise<KeyObject> {
  const pem = await readFile(file, 'utf8').catch((error: unknown) => {
    throw badInput(`${file} cannot be read: ${reasonOf(error)}; ${remedy}`);
  });
  let key: KeyObject;
  try {
    key = parse(pem);
  } catch {
    // The library's message may quote the file.
    throw badInput(`${file} is not ${what} in a PEM file; ${remedy}`);
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw badInput(
    `${file} holds a key of the type ${key.asymmetricKeyType ?? 'secret'}, not ${what}; ${remedy}`,
  );
}

/** Tells keys apart: SHA-256 of the public half, hexadecimal. */
export function keyId(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

export function attest(bundle: EvidenceBundle, key: KeyObject): Attestation {
  const signature = sign(null, signedBytes(bundle), key).toString('base64');
  return { algorithm: 'ed25519', key: keyId(key), signature };
}

/** Why a bundle is not signed by this key; `undefined` when it is. */
export function signatureProblem(bundle: EvidenceBundle, key: KeyObject): string | undefined {
  // Whatever the file says: it is not to be trusted yet.
  const named: { readonly [Name in keyof Attestation]?: unknown } | undefined = bundle.attestation;
  if (named === undefined) return 'signature: there is none';
  const signature = Buffer.from(typeof named.signature === 'string' ? named.signature : '', 'base64');
  if (verify(null, signedBytes(bundle), key, signature)) return undefined;
  const other = typeof named.key === 'string' ? named.key.slice(0, 16) : 'none';
  return `signature: it is not by the key ${keyId(key).slice(0, 16)}; the file names the key ${other}`;
}
