import { formatMistake, type Mistake } from '../domain/mistake.js';
import { badInput } from './failures.js';

/** With `strict` what Azure would refuse later counts as an error too. */
export function errorsOf(mistakes: readonly Mistake[], strict = false): Mistake[] {
  return mistakes.filter(({ severity }) => strict || severity === 'error');
}

/** @throws CliError with every mistake, when there is an error among them */
export function refuseMistakes(mistakes: readonly Mistake[]): void {
  if (errorsOf(mistakes).length === 0) return;
  throw badInput(`nothing was started:\n${mistakes.map(formatMistake).join('\n')}`);
}

/** `3 errors, 1 warning` */
export function countText(mistakes: readonly Mistake[], strict = false): string {
  const errors = errorsOf(mistakes, strict).length;
  const warnings = mistakes.length - errors;
  return [counted(errors, 'error'), ...(warnings > 0 ? [counted(warnings, 'warning')] : [])].join(', ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
