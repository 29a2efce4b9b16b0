import getPort from 'get-port';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGuarded } from '../process.js';
import type { GuardedProcess } from '../process.js';
import { awaitReady, startAllowance, watchHealth } from './probe.js';
import type { ProbeSpec } from './spec.js';

/** How one instance of a deployment is started and watched. */
export interface InstanceOptions {
  readonly id: string;
  readonly python: string;
  readonly entryScript: string;
  readonly modelDir: string | undefined;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly liveness: ProbeSpec;
  readonly readiness: ProbeSpec;
  readonly onLine: (line: string) => void;
  /** Called whenever it may take requests again. */
  readonly onReady: () => void;
}

export type StartResult = 'healthy' | 'crashed' | 'timeout';

/** The server listens on all interfaces and has no option for it: nobody but the router may reach it, unauthenticated as it is. */
const LOOPBACK_SERVER = `import sys
from azureml_inference_server_http import amlserver
amlserver.DEFAULT_HOST = "127.0.0.1"
sys.exit(amlserver.run())`;

const MAX_BACK_OFF_MS = 30_000;
const STABLE_MS = 60_000;

/**
 * One scoring server process. It takes requests while its readiness probe succeeds, and is ended when its liveness
 * probe fails; one that was healthy and ends is started again, with growing delay.
 */
export class Instance {
  inFlight = 0;
  #process: GuardedProcess | undefined;
  #port = 0;
  #ready = false;
  #stopped = false;
  #failures = 0;

  constructor(readonly options: InstanceOptions) {}

  get id(): string {
    return this.options.id;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Base URL of the running server. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts the process and waits until it is ready. */
  async start(): Promise<StartResult> {
    this.#port = await getPort({ host: '127.0.0.1' });
    if (this.#isStopped()) return 'crashed';
    const started = this.#spawn();
    this.#process = started;
    const over = new AbortController();
    const crashed = started.exited.then(() => 'crashed' as const);
    const result = await Promise.race([this.#rise(over.signal), crashed]);
    if (result !== 'healthy') {
      over.abort();
      await started.stop();
      return result;
    }
    this.#setReady(true);
    this.#watch(started, over);
    return result;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ready = false;
    await this.#process?.stop();
  }

  #spawn(): GuardedProcess {
    const { python, entryScript, modelDir, cwd, env, onLine } = this.options;
    const model = modelDir === undefined ? [] : ['--model_dir', modelDir];
    const server = ['-c', LOOPBACK_SERVER, '--entry_script', entryScript];
    return spawnGuarded(python, [...server, ...model, '--port', String(this.#port)], { cwd, env, onLine });
  }

  async #rise(over: AbortSignal): Promise<StartResult> {
    const { liveness, readiness } = this.options;
    const allowed = startAllowance(liveness, readiness);
    return (await awaitReady(`${this.url}/`, readiness, allowed, over)) ? 'healthy' : 'timeout';
  }

  #watch(started: GuardedProcess, over: AbortController): void {
    const since = Date.now();
    const { liveness, readiness, onLine } = this.options;
    void watchHealth(`${this.url}/`, readiness, over.signal, (isReady) => {
      onLine(`[emulator] ${this.id} is ${isReady ? 'ready again' : 'not ready and gets no requests'}`);
      this.#setReady(isReady);
    });
    void watchHealth(`${this.url}/`, liveness, over.signal, (isAlive) => {
      if (isAlive) return;
      onLine(
        `[emulator] ${this.id} failed its liveness probe ${liveness.failureThreshold} times and is ended`,
      );
      this.#ready = false;
      void started.stop(0);
    });
    void started.exited.then(async (code) => {
      over.abort();
      this.#ready = false;
      if (Date.now() - since > STABLE_MS) this.#failures = 0;
      await this.#startAgain(code);
    });
  }

  async #startAgain(code: number): Promise<void> {
    while (!this.#isStopped()) {
      const delay = Math.min(MAX_BACK_OFF_MS, 500 * 2 ** this.#failures);
      this.#failures += 1;
      this.options.onLine(`[emulator] ${this.id} ended with ${code}; starting it again in ${delay} ms`);
      await sleep(delay, undefined, { ref: false });
      if (this.#isStopped() || (await this.start()) === 'healthy') return;
    }
  }

  #setReady(isReady: boolean): void {
    this.#ready = isReady && !this.#isStopped();
    if (this.#ready) this.options.onReady();
  }

  #isStopped(): boolean {
    return this.#stopped;
  }
}
