import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Starts a Node program with its output kept; `succeeded` rejects with it when the program fails. */
export function startNode(
  script: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
  node = process.execPath,
): { child: ChildProcess; succeeded: Promise<void> } {
  const child = spawn(node, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)));
  }
  const succeeded = once(child, 'close').then(([code, signal]) => {
    if (code !== 0 && signal === null) throw new Error(`${script} ended with ${String(code)}:\n${output}`);
  });
  succeeded.catch(() => undefined);
  return { child, succeeded };
}
