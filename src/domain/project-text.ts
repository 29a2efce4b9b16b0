import type { ApprovalRule, EvaluationPlan, FileRef, Gate } from './project.js';
import { formatMs, formatNumber, formatOp, formatShare } from './text.js';

/** Rules of a project as people read them, the same in the terminal and on GitHub. */

export function fileText({ file, set }: FileRef): string {
  const overrides = Object.entries(set).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  return overrides.length === 0 ? file : `${file} with ${overrides.join(' ')}`;
}

export function gateText({ metric, goal, require, minImprovement, evaluate }: Gate): string {
  const bounds = Object.entries(require).map(
    ([name, { op, value }]) => `${name} ${formatOp(op)} ${formatNumber(value)}`,
  );
  const better = `${goal} ${metric}, ${marginText(minImprovement)} than the champion`;
  return [...bounds, better, ...(evaluate === undefined ? [] : [evaluationText(evaluate)])].join('; ');
}

function marginText(minImprovement: number): string {
  if (minImprovement === 0) return 'no worse';
  const by = formatNumber(Math.abs(minImprovement));
  return minImprovement > 0 ? `at least ${by} better` : `at most ${by} worse`;
}

function evaluationText({ job, confidence }: EvaluationPlan): string {
  const sure = confidence === undefined ? '' : `, ${formatShare(confidence)} sure`;
  return `both scored by ${fileText(job)}${sure}`;
}

export function approvalText({ required, approvers, expiresMs, verify }: ApprovalRule): string {
  const who = approvers.length === 0 ? 'whoever may maintain' : approvers.join(', ');
  return `${required} approval${required === 1 ? '' : 's'} by ${who} within ${formatMs(expiresMs)} (proof: ${verify.join(', ')})`;
}
