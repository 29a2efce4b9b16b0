import { expect, it } from 'vitest';
import type { ApprovalOutcome } from '../../src/domain/approval.js';
import { type ApprovalRecord, askedSince } from '../../src/domain/approval-record.js';

const pending: ApprovalOutcome = { kind: 'pending', approvals: [], missing: 1 };

function record(part: Partial<ApprovalRecord>): ApprovalRecord {
  const given = { environment: 'production', digest: 'a', askedAt: 100, outcome: pending, ...part };
  return given as ApprovalRecord;
}

const asked = { environment: 'production', digest: 'a' };

it('goes back to the first time that the same was asked, over any number of runs', () => {
  let records: ApprovalRecord[] = [];
  for (let run = 1; run <= 9; run += 1) {
    const since = askedSince(records, asked);
    expect(since).toBe(run === 1 ? undefined : 100);
    // As many as a run carries over.
    records = [...records, record({ askedAt: run * 100, ...(since !== undefined && { since }) })].slice(-5);
  }
});

it.each([
  ['other evidence', record({ digest: 'b' })],
  ['another environment', record({ environment: 'staging' })],
  ['a question that was settled', record({ outcome: { kind: 'approved', by: ['octocat'] } })],
  ['a question that expired', record({ outcome: { kind: 'expired' } })],
])('begins anew after %s', (_, last) => {
  expect(askedSince([record({ digest: 'b' }), last], asked)).toBeUndefined();
});
