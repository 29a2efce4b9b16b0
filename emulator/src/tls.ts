import './reflect.js';
import * as x509 from '@peculiar/x509';
import { X509Certificate, randomBytes, webcrypto } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** PEM texts of the emulator's own authority and of the certificate it made for loopback. */
export interface Certificates {
  readonly caPath: string;
  readonly cert: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const YEAR = 365 * 24 * 3600 * 1000;
const HOSTS = ['localhost', '*.localhost', 'management.azure.com', '*.blob.core.windows.net'];
const ADDRESSES = ['127.0.0.1', '::1'];

/** The certificates under `dataDir`, made on first use and again a month before they end. Trust `caPath` to use https. */
export async function loadCertificates(dataDir: string): Promise<Certificates> {
  const folder = join(dataDir, 'tls');
  const [caPath, certPath, keyPath] = ['ca.crt', 'server.crt', 'server.key'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  if (!(await isUsable(certPath, keyPath))) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const made = await makeCertificates();
    await writeFile(caPath, made.ca);
    await writeFile(keyPath, made.key, { mode: 0o600 });
    await writeFile(certPath, made.cert);
  }
  return { caPath, cert: await readFile(certPath, 'utf8'), key: await readFile(keyPath, 'utf8') };
}

async function isUsable(certPath: string, keyPath: string): Promise<boolean> {
  if (!existsSync(certPath) || !existsSync(keyPath)) return false;
  const { validTo } = new X509Certificate(await readFile(certPath));
  return new Date(validTo).getTime() - Date.now() > YEAR / 12;
}

async function makeCertificates(): Promise<{ ca: string; cert: string; key: string }> {
  x509.cryptoProvider.set(globalThis.crypto);
  const caKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const validity = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + YEAR) };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: randomBytes(16).toString('hex'),
    name: 'CN=azureml-emulator local authority',
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const names = [
    ...HOSTS.map((value) => ({ type: 'dns', value }) as const),
    ...ADDRESSES.map((value) => ({ type: 'ip', value }) as const),
  ];
  const cert = await x509.X509CertificateGenerator.create({
    ...validity,
    serialNumber: randomBytes(16).toString('hex'),
    subject: 'CN=azureml-emulator',
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension(names),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    ca: ca.toString('pem'),
    cert: cert.toString('pem'),
    key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
  };
}
