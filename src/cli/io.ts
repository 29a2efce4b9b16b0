import type { Writable } from 'node:stream';

/** What a command works with: where it stands and where it writes. */
export interface Io {
  /** Results, fit for a pipe. */
  readonly out: Writable;
  /** Everything said beside them. */
  readonly err: Writable;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Whether a person reads and can be asked. */
  readonly tty: boolean;
}

export function say({ out }: Pick<Io, 'out'>, text: string): void {
  out.write(`${text}\n`);
}

export function sayJson(io: Pick<Io, 'out'>, value: unknown): void {
  say(io, JSON.stringify(value, null, 2));
}

/** Beside the result: what a script that reads it should not find in it. */
export function warn({ err }: Pick<Io, 'err'>, text: string): void {
  err.write(`${text}\n`);
}
