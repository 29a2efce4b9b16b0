import { expect, test } from 'vitest';
import type { EvidenceDigest } from '../../src/domain/approval.js';
import { planMarkdown, requestMarkdown } from '../../src/reports/index.js';
import { production, project } from '../support/workflow-projects.js';

const evidence: EvidenceDigest = {
  digest: 'd'.repeat(64),
  code: '3f2a9c41d07b',
  evidence: {
    project: 'diabetes',
    environment: 'production',
    commit: 'c'.repeat(40),
    model: { name: 'diabetes', version: '8', hash: 'aa' },
    codeHash: 'c0de',
    data: { train: 'diabetes-train:1' },
    metrics: { AUC: 0.83, loss: 1.5, '``` @everyone': 0.1 },
    target: { endpoint: 'diabetes', deployment: 'd-1', deploymentHash: 'bb' },
    rollout: '100 %',
  },
};
const champion = { model: 'diabetes', version: '7', commit: 'b'.repeat(40), metrics: { AUC: 0.79, loss: 2 } };
const request = {
  environment: 'production',
  evidence,
  approve: 'approve 3f2a9c41d07b',
  reject: 'reject 3f2a9c41d07b',
} as const;

test('a request shows evidence, a chart against the champion, and lines to copy', () => {
  const text = requestMarkdown({ ...request, state: 'pending', champion });
  expect(text).toContain('### ⏸️ Waiting for approval: diabetes → production');
  expect(text).toContain('\n/approve 3f2a9c41d07b\n/reject 3f2a9c41d07b\n');
  expect(text).toMatch(/AUC +challenger █{16}▋ +0\.83\n +champion +█{15}▊ +0\.79/);
  expect(text).toMatch(/loss +challenger █{15} +1\.5\n +champion +█{20} 2/);
  expect(text).toContain('Champion: diabetes:7');
});

test('names by user code neither end the chart nor notify anybody', () => {
  const text = requestMarkdown({ ...request, state: 'pending' });
  expect(text.match(/^```/gm)).toHaveLength(4);
  expect(text).toContain('Nothing serves there yet.');
});

test('an answered request asks nothing', () => {
  for (const state of ['approved', 'rejected', 'expired', 'withdrawn'] as const)
    expect(requestMarkdown({ ...request, state })).not.toContain('/approve');
});

test('a plan names what would be trained, compared and deployed, with the sizes that cost', () => {
  const text = planMarkdown({
    project: project({ environments: [production], setup: [{ file: 'compute.yml', set: {} }] }),
    commit: 'c'.repeat(40),
    setup: 'would make compute cpu-cluster',
    costs: {
      setup: [{ size: 'STANDARD_DS3_v2', max_instances: '4' }],
      candidates: [{ compute: 'azureml:cpu-cluster' }, {}],
      deployments: [{ instance_type: 'Standard_DS3_v2', instance_count: '3' }],
    },
    champion,
    notes: ['rules are those of main'],
  });
  expect(text).toContain('would make compute cpu-cluster');
  expect(text).toContain('max\\_instances: **4**');
  expect(text).toContain(
    '| boosted | train.yml with inputs.kind="boosted" | compute: **azureml:cpu-cluster** |',
  );
  expect(text).toContain('instance\\_count: **3**');
  expect(text).toContain('The champion is diabetes:7 with AUC 0.79');
  expect(text).toContain('10 % 100ms → 50 % 100ms → 100 %');
});
