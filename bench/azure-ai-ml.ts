import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';

/** Scripts and files lie beside the sources; this file runs from lib/bench/. */
export function benchFile(name: string): string {
  return fileURLToPath(new URL(`../../bench/files/${name}`, import.meta.url));
}

/** Microsoft's client in a process that stays warm: loads a file and converts it to its request. */
export interface WarmClient {
  /** Milliseconds that `times` conversions took. */
  convert(times: number): Promise<number>;
  stop(): Promise<void>;
}

/** `python`: an interpreter with azure-ai-ml. Resolves when the client has converted the file once. */
export async function startWarmClient(python: string, file: string): Promise<WarmClient> {
  const args = [benchFile('load_and_convert.py'), file];
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const line: IteratorResult<string, unknown> = await lines.next();
    if (line.done === true) throw new Error('azure-ai-ml ended; what it printed is above');
    return line.value;
  };
  await next();
  return {
    async convert(times) {
      child.stdin.write(`${times}\n`);
      return Number(await next());
    },
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
