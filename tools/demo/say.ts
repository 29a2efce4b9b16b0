import { stdout } from 'node:process';
import pc from 'picocolors';

/** The demonstration's own voice; phases are told by the command line's `watch`. */
export const tty = stdout.isTTY;

export function title(text: string): void {
  stdout.write(`\n${pc.bold(text)}\n`);
}

export function line(text: string): void {
  stdout.write(`  ${text}\n`);
}

export function fact(name: string, value: string): void {
  stdout.write(`  ${pc.dim(name.padEnd(12))} ${value}\n`);
}

export function problem(text: string): void {
  stdout.write(`${pc.red('✘')} ${text}\n`);
}

export function seconds(sinceMs: number): string {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}
