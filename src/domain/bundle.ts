import type { ApprovalRecord } from './approval-record.js';
import type { Attestation } from './attestation.js';
import { decide } from './approval-rules.js';
import { canonicalJson } from './canonical.js';

/** A lifecycle's record and report in one file that can be checked without any service. */
export interface EvidenceBundle {
  readonly format: 'temporal-mlops/evidence/1';
  readonly lifecycle: string;
  readonly record: { readonly approvals?: readonly ApprovalRecord[] };
  /** The evaluation report, HTML. */
  readonly report?: string;
  /** SHA-256 of the canonical record, of the report, and of both with the id. */
  readonly sha256: { readonly record: string; readonly report?: string; readonly bundle: string };
  /** Who wrote the file vouches for it, where a key was given. */
  readonly attestation?: Attestation;
}

/** SHA-256 of a text, hexadecimal. */
export type Hash = (text: string) => string;

export function bundleOf(
  { lifecycle, record, report }: Pick<EvidenceBundle, 'lifecycle' | 'record' | 'report'>,
  hash: Hash,
): EvidenceBundle {
  const parts = {
    record: hash(canonicalJson(record)),
    ...(report !== undefined && { report: hash(report) }),
  };
  const bundle = hash(canonicalJson({ lifecycle, ...parts }));
  return {
    format: 'temporal-mlops/evidence/1',
    lifecycle,
    record,
    ...(report !== undefined && { report }),
    sha256: { ...parts, bundle },
  };
}

/**
 * What in a bundle does not fit: contents and their hashes, evidence and its digest, the digest and the code in the
 * signals' names, the answers and what they are said to have decided.
 */
export function problemsOf(bundle: EvidenceBundle, hash: Hash): string[] {
  const { sha256 } = bundleOf(bundle, hash);
  const parts = (['record', 'report', 'bundle'] as const).flatMap((part) =>
    sha256[part] === bundle.sha256[part]
      ? []
      : [
          `${part}: its SHA-256 is ${sha256[part] ?? 'none'}, the bundle says ${bundle.sha256[part] ?? 'none'}`,
        ],
  );
  return [
    ...parts,
    ...(bundle.record.approvals ?? []).flatMap((approval) => questionProblems(approval, hash)),
  ];
}

function questionProblems(approval: ApprovalRecord, hash: Hash): string[] {
  const { code, digest, environment, evidence, runId, outcome } = approval;
  const problems: string[] = [];
  const where = `approval ${code} for ${environment}`;
  const found = hash(canonicalJson(evidence));
  if (found !== digest)
    problems.push(`${where}: the evidence has the digest ${found}, recorded is ${digest}`);
  if (hash(`${runId}${digest}`).slice(0, code.length) !== code)
    problems.push(`${where}: run and digest do not make this code`);
  const decided = decide(approval.rule, approval.decisions, {
    code,
    askedAt: approval.askedAt,
    now: Infinity,
  });
  const settled = outcome.kind === 'approved' || outcome.kind === 'rejected';
  if (settled && decided.outcome.kind !== outcome.kind)
    problems.push(`${where}: recorded as ${outcome.kind}, but its answers make it ${decided.outcome.kind}`);
  return problems;
}
