import getPort from 'get-port';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGuarded } from '../process.js';
import type { GuardedProcess } from '../process.js';

/** How one instance of a deployment is started. */
export interface InstanceOptions {
  readonly id: string;
  readonly python: string;
  readonly entryScript: string;
  readonly modelDir: string | undefined;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly startTimeoutMs: number;
  readonly onLine: (line: string) => void;
}

export type StartResult = 'healthy' | 'crashed' | 'timeout';

/** The server listens on all interfaces and has no option for it: nobody but the router may reach it, unauthenticated as it is. */
const LOOPBACK_SERVER = `import sys
from azureml_inference_server_http import amlserver
amlserver.DEFAULT_HOST = "127.0.0.1"
sys.exit(amlserver.run())`;

const MAX_BACK_OFF_MS = 30_000;
const STABLE_MS = 60_000;

/** One scoring server process, started again with growing delay when it dies after it was healthy. */
export class Instance {
  inFlight = 0;
  #process: GuardedProcess | undefined;
  #port = 0;
  #healthy = false;
  #stopped = false;
  #failures = 0;

  constructor(readonly options: InstanceOptions) {}

  get id(): string {
    return this.options.id;
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  /** Base URL of the running server. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts the process and waits for its liveness route. */
  async start(): Promise<StartResult> {
    const { python, entryScript, modelDir, cwd, env, onLine } = this.options;
    this.#port = await getPort({ host: '127.0.0.1' });
    if (this.#isStopped()) return 'crashed';
    const model = modelDir === undefined ? [] : ['--model_dir', modelDir];
    const args = [
      '-c',
      LOOPBACK_SERVER,
      '--entry_script',
      entryScript,
      ...model,
      '--port',
      String(this.#port),
    ];
    const started = spawnGuarded(python, args, { cwd, env, onLine });
    this.#process = started;
    const over = new AbortController();
    const crashed = started.exited.then(() => 'crashed' as const);
    const result = await Promise.race([this.#live(over.signal), crashed]);
    over.abort();
    if (result !== 'healthy') {
      await started.stop();
      return result;
    }
    this.#healthy = true;
    this.#watch(started);
    return result;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#healthy = false;
    await this.#process?.stop();
  }

  async #live(over: AbortSignal): Promise<'healthy' | 'timeout'> {
    const deadline = Date.now() + this.options.startTimeoutMs;
    while (Date.now() < deadline && !over.aborted) {
      const answer = await fetch(`${this.url}/`, { signal: AbortSignal.timeout(2000) }).catch(
        () => undefined,
      );
      await answer?.body?.cancel();
      if (answer?.ok) return 'healthy';
      await sleep(100);
    }
    return 'timeout';
  }

  #watch(started: GuardedProcess): void {
    const since = Date.now();
    void started.exited.then(async (code) => {
      this.#healthy = false;
      if (Date.now() - since > STABLE_MS) this.#failures = 0;
      while (!this.#isStopped()) {
        const delay = Math.min(MAX_BACK_OFF_MS, 500 * 2 ** this.#failures);
        this.#failures += 1;
        this.options.onLine(`[emulator] ${this.id} ended with ${code}; starting it again in ${delay} ms`);
        await sleep(delay, undefined, { ref: false });
        if (this.#isStopped() || (await this.start()) === 'healthy') return;
      }
    });
  }

  #isStopped(): boolean {
    return this.#stopped;
  }
}
