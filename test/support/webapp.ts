import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../tools/local/paths.js';
import type { Caller } from '../../tools/local/traffic.js';

export interface WebApp {
  readonly url: string;
  stop(): Promise<void>;
}

/** The example's web application as a process of its own, in front of an endpoint. */
export async function startWebApp({ uri, key }: Caller): Promise<WebApp> {
  const child = spawn(process.execPath, [join(root, 'examples/webapp/server.mjs')], {
    env: { ...process.env, SCORING_URL: uri, SCORING_KEY: key, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    url,
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
