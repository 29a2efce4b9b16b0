import type { Instance } from './instance.js';

interface Waiting {
  readonly resolve: (instance: Instance) => void;
  readonly reject: (why: unknown) => void;
}

/** Deals the instances of a deployment out to requests: at most `perInstance` to each, those that find none wait in line. */
export class Slots {
  readonly #waiting = new Set<Waiting>();

  constructor(
    readonly instances: readonly Instance[],
    readonly perInstance: number,
  ) {}

  /** Requests in all instances and in the line. */
  get busy(): number {
    return this.instances.reduce((sum, { inFlight }) => sum + inFlight, this.#waiting.size);
  }

  /** The least busy ready instance with room; the caller gives it back. Rejects with the reason of `signal`. */
  async take(signal: AbortSignal): Promise<Instance> {
    const found = this.#free();
    if (found !== undefined) {
      found.inFlight += 1;
      return found;
    }
    return this.#inLine(signal);
  }

  /** A signal may outlive many requests, so nothing stays on it when one has left the line. */
  #inLine(signal: AbortSignal): Promise<Instance> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const left = new AbortController();
    const served = new Promise<Instance>((resolve, reject) => {
      const waiting = { resolve, reject };
      this.#waiting.add(waiting);
      const leave = () => {
        if (this.#waiting.delete(waiting)) reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { signal: left.signal });
    });
    return served.finally(() => {
      left.abort();
    });
  }

  giveBack(instance: Instance): void {
    instance.inFlight -= 1;
    this.serve();
  }

  /** Lets those in line have what is free. */
  serve(): void {
    for (const waiting of this.#waiting) {
      const found = this.#free();
      if (found === undefined) return;
      this.#waiting.delete(waiting);
      found.inFlight += 1;
      waiting.resolve(found);
    }
  }

  /** Nobody comes any more for those in line. */
  close(why: Error): void {
    for (const { reject } of this.#waiting) reject(why);
    this.#waiting.clear();
  }

  #free(): Instance | undefined {
    let best: Instance | undefined;
    for (const instance of this.instances)
      if (
        instance.ready &&
        instance.inFlight < this.perInstance &&
        instance.inFlight < (best?.inFlight ?? Infinity)
      )
        best = instance;
    return best;
  }
}
