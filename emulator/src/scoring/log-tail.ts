import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const MAX_BYTES = 4 * 1024 * 1024;

/** A container log on disk: the newest part of at most twice 4 MiB stays. */
export class LogFile {
  #pending = '';
  #writing: Promise<void> = Promise.resolve();
  readonly #followers = new Set<(line: string) => void>();

  constructor(readonly path: string) {}

  add(line: string): void {
    const first = this.#pending === '';
    this.#pending += `${line}\n`;
    for (const follower of this.#followers) follower(line);
    if (first) this.#writing = this.#writing.then(() => this.#write());
  }

  /** Gives every line that comes from now on; returns what ends it. */
  follow(onLine: (line: string) => void): () => void {
    this.#followers.add(onLine);
    return () => {
      this.#followers.delete(onLine);
    };
  }

  /** The last `count` lines, written or not. */
  async tail(count: number): Promise<string> {
    await this.#writing;
    const parts = await Promise.all([readOrEmpty(`${this.path}.1`), readOrEmpty(this.path)]);
    const lines = parts.join('').split('\n');
    return lines.slice(Math.max(0, lines.length - 1 - count)).join('\n');
  }

  async #write(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    await mkdir(dirname(this.path), { recursive: true });
    const size = await stat(this.path).then(
      (found) => found.size,
      () => 0,
    );
    if (size > MAX_BYTES) await rename(this.path, `${this.path}.1`);
    await appendFile(this.path, text);
  }
}

async function readOrEmpty(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
