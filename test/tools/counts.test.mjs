import { describe, expect, it } from 'vitest';
import { countVitest, summarize } from '../../tools/test/counts.mjs';

const report = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, testResults: [] };

describe('counts of a vitest run', () => {
  it('are those of its report', () => {
    expect(countVitest(report, 1)).toEqual({ passed: 5, failed: 1, skipped: 2 });
  });

  it('include a file that could not be loaded', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }];
    expect(countVitest({ ...report, testResults }, 1).failed).toBe(2);
  });

  it('include an error outside of any test', () => {
    expect(countVitest({ ...report, numFailedTests: 0 }, 1).failed).toBe(1);
  });

  it('are one failure when there is no report', () => {
    expect(countVitest(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('summary', () => {
  it('ends with the totals alone on a line', () => {
    const lines = summarize([
      { name: 'lint', passed: 1, failed: 0, skipped: 0, ms: 2000 },
      { name: 'unit', passed: 40, failed: 2, skipped: 1, ms: 3000 },
    ]).split('\n');
    expect(lines.at(-1)).toBe('41 passed, 2 failed');
    expect(lines).toContain('✓ lint  1 passed, 0 failed (2 s)');
    expect(lines).toContain('✗ unit  40 passed, 2 failed, 1 skipped (3 s)');
  });
});
