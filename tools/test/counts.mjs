/** @typedef {{ status: string, assertionResults: { status: string }[] }} FileResult */
/** @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, testResults: FileResult[] }} VitestReport */

/**
 * Counts tests so that nothing that went wrong is lost: a file that could not be loaded has no failed test, and an error
 * outside of any test shows in the exit code alone; each counts as one failure.
 * @param {VitestReport | undefined} report of vitest's JSON reporter; undefined when it wrote none
 * @param {number} exitCode
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function countVitest(report, exitCode) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + broken;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests,
  };
}

/**
 * The summary and, alone on the last line, the totals.
 * @param {readonly import('./steps.mjs').Outcome[]} outcomes
 * @returns {string}
 */
export function summarize(outcomes) {
  const total = (/** @type {'passed' | 'failed' | 'skipped'} */ key) =>
    outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
  const width = Math.max(...outcomes.map((outcome) => outcome.name.length));
  const rows = outcomes.map(({ name, passed, failed, skipped, ms }) => {
    const extra = skipped > 0 ? `, ${skipped} skipped` : '';
    const counts = `${passed} passed, ${failed} failed${extra}`;
    return `${failed > 0 ? '✗' : '✓'} ${name.padEnd(width)}  ${counts} (${Math.round(ms / 1000)} s)`;
  });
  return ['', ...rows, '', `${total('passed')} passed, ${total('failed')} failed`].join('\n');
}
