import { createHash, type KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ApprovalRecord } from '../../domain/approval-record.js';
import { bundleOf, type EvidenceBundle, problemsOf } from '../../domain/bundle.js';
import type { LifecycleStatus } from '../../workflows/messages.js';
import { badInput, type ExitCode, exitCodes, reasonOf } from '../failures.js';
import { type Io, say, warn } from '../io.js';
import { attest, keyId, readPublicKey, readSigningKey, signatureProblem } from '../signing.js';
import { type Temporal, withTemporal } from '../temporal.js';
import { statusOf } from './status.js';

export interface EvidenceOptions {
  readonly out?: string;
  readonly workspace?: string;
  /** PEM file of an Ed25519 private key; else `MLOPS_EVIDENCE_KEY`. */
  readonly key?: string;
}

export interface VerifyOptions {
  /** PEM file of the Ed25519 public key that must have signed it. */
  readonly publicKey?: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function evidence(io: Io, text: string, options: EvidenceOptions): Promise<ExitCode> {
  const keyFile = options.key ?? io.env['MLOPS_EVIDENCE_KEY'];
  const key =
    keyFile === undefined || keyFile === '' ? undefined : await readSigningKey(resolve(io.cwd, keyFile));
  return await withTemporal(io, async (temporal) => {
    const { id: lifecycle, status: record } = await statusOf(temporal, text);
    const report = await reportOf(temporal, record, options.workspace);
    const plain = bundleOf({ lifecycle, record, ...(report !== undefined && { report }) }, sha256);
    const bundle = key === undefined ? plain : { ...plain, attestation: attest(plain, key) };
    const name = `${record.project}-${record.commit.slice(0, 7)}-evidence.json`;
    const file = resolve(io.cwd, options.out ?? name);
    await writeFile(file, `${JSON.stringify(bundle, null, 2)}\n`);
    if (record.verdict === undefined) warn(io, `${lifecycle} has not ended: this is its record up to now`);
    if (report === undefined) warn(io, 'there is no evaluation report in it');
    const signed = key === undefined ? 'not signed (--key signs it)' : `signed by the key ${keyId(key)}`;
    say(io, `${file}\nsha256 ${bundle.sha256.bundle}\n${signed}`);
    return exitCodes.ok;
  });
}

async function reportOf(
  { settings }: Temporal,
  { report, project }: LifecycleStatus,
  workspace: string | undefined,
): Promise<string | undefined> {
  const reachable = settings.MLOPS_POLICY !== undefined || settings.MLOPS_AZURE_URL !== undefined;
  if (report === undefined || !reachable) return undefined;
  const [{ azureFor }, { readBlob }] = await Promise.all([
    import('../azure.js'),
    import('../../azureml/index.js'),
  ]);
  const azure = await azureFor(settings, { project, ...(workspace !== undefined && { workspace }) });
  return (await readBlob(azure, report))?.toString();
}

/** Asks nobody: a bundle is checked by what is in it. Where it came from, a signature or its printed SHA-256 tells. */
export async function verify(io: Io, path: string, options: VerifyOptions): Promise<ExitCode> {
  const { publicKey } = options;
  const key = publicKey === undefined ? undefined : await readPublicKey(resolve(io.cwd, publicKey));
  const bundle = await readBundle(resolve(io.cwd, path));
  const problems = check(path, bundle, key);
  if (problems.length > 0) {
    warn(io, problems.map((problem) => `✘ ${problem}`).join('\n'));
    return exitCodes.failed;
  }
  const { approvals = [] } = bundle.record;
  say(
    io,
    [
      `✔ ${bundle.lifecycle}: every hash fits`,
      ...approvals.flatMap(signOffs),
      signatureText(bundle, key),
      `sha256 ${bundle.sha256.bundle}`,
    ].join('\n'),
  );
  return exitCodes.ok;
}

/** Outcome of a question, and the answers that made it. */
function signOffs({ environment, code, outcome, decisions }: ApprovalRecord): string[] {
  const counted = decisions.filter((decision) => decision.counted);
  return [
    `✔ ${environment} ${code}: ${outcome.kind}${outcome.kind === 'approved' ? ` by ${outcome.by.join(', ')}` : ''}`,
    ...counted.map(
      ({ answer, proof, claimedBy, at }) =>
        `  ${answer} by ${proof?.person ?? claimedBy ?? 'somebody'} (${proof?.by ?? 'none'}) at ${new Date(at).toISOString()}`,
    ),
  ];
}

function signatureText({ attestation }: EvidenceBundle, key: KeyObject | undefined): string {
  if (key !== undefined) return `✔ signed by the key ${keyId(key)}`;
  if (attestation === undefined) return 'not signed: compare the SHA-256 with the one that was printed';
  return `signed, not checked: --public-key FILE checks it (the file names the key ${attestation.key})`;
}

function check(path: string, bundle: EvidenceBundle, key: KeyObject | undefined): string[] {
  try {
    const unsigned = key === undefined ? undefined : signatureProblem(bundle, key);
    return [...problemsOf(bundle, sha256), ...(unsigned === undefined ? [] : [unsigned])];
  } catch (error) {
    throw badInput(`${path} is no whole file of \`mlops evidence\`: ${reasonOf(error)}`);
  }
}

async function readBundle(file: string): Promise<EvidenceBundle> {
  try {
    const parsed = JSON.parse(await readFile(file, 'utf8')) as EvidenceBundle;
    if ((parsed as { format?: unknown }).format === 'temporal-mlops/evidence/1') return parsed;
  } catch (error) {
    throw badInput(`${file} cannot be read: ${reasonOf(error)}`);
  }
  throw badInput(`${file} is no file of \`mlops evidence\``);
}
