import { canonicalJson } from './canonical.js';
import type { EvidenceBundle } from './bundle.js';

/** An Ed25519 signature over an evidence bundle's hashes. */
export interface Attestation {
  readonly algorithm: 'ed25519';
  /** SHA-256 of the public key (DER, SubjectPublicKeyInfo), hexadecimal: tells keys apart, proves nothing. */
  readonly key: string;
  /** Base64. */
  readonly signature: string;
}

const payloadType = 'application/vnd.temporal-mlops.evidence+json';

/**
 * The bytes that are signed: DSSE's pre-authentication encoding (secure-systems-lab/dsse, protocol.md) of the canonical
 * JSON of format, lifecycle and hashes, which bind everything else that the bundle holds.
 */
export function signedBytes({ format, lifecycle, sha256 }: EvidenceBundle): Uint8Array {
  const body = canonicalJson({ format, lifecycle, sha256 });
  const length = (text: string): number => new TextEncoder().encode(text).length;
  return new TextEncoder().encode(`DSSEv1 ${length(payloadType)} ${payloadType} ${length(body)} ${body}`);
}
