import type { ApprovalRule, FileRef, Gate } from './project.js';
import { formatMs, formatNumber, formatOp } from './text.js';

/** Rules of a project as people read them, the same in the terminal and on GitHub. */

export function fileText({ file, set }: FileRef): string {
  const overrides = Object.entries(set).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  return overrides.length === 0 ? file : `${file} with ${overrides.join(' ')}`;
}

export function gateText({ metric, goal, require, minImprovement }: Gate): string {
  const bounds = Object.entries(require).map(
    ([name, { op, value }]) => `${name} ${formatOp(op)} ${formatNumber(value)}`,
  );
  const margin = minImprovement === 0 ? 'no worse' : `at least ${formatNumber(minImprovement)} better`;
  const better = `${goal} ${metric}, ${margin} than the champion`;
  return [...bounds, better].join('; ');
}

export function approvalText({ required, approvers, expiresMs, verify }: ApprovalRule): string {
  const who = approvers.length === 0 ? 'whoever may maintain' : approvers.join(', ');
  return `${required} approval${required === 1 ? '' : 's'} by ${who} within ${formatMs(expiresMs)} (proof: ${verify.join(', ')})`;
}
