import type { BlobServiceClient } from '@azure/storage-blob';
import type { Faults } from './faults.js';
import type { Store } from './store.js';

/** Azurite: `url` is `http://127.0.0.1:P/devstoreaccount1`. */
export interface BlobAccount {
  readonly url: string;
  /** The same as clients elsewhere reach it; differs from `url` behind a port mapping or in a container. */
  readonly publicUrl: string;
  readonly account: string;
  readonly key: string;
  readonly service: BlobServiceClient;
  /** Resolves when it answers: the rest of the emulator is up before it. */
  readonly ready: Promise<void>;
}

/** What every service of the emulator is given. */
export interface EmulatorContext {
  readonly store: Store;
  readonly dataDir: string;
  /** http base URL of the emulator on this machine, no trailing slash (known once listening): what jobs are given. */
  readonly baseUrl: () => string;
  /**
   * What addresses in answers begin with: the public URL that was given, else `base`, as the asking client spelled it, so
   * that https leads to https, else `baseUrl`.
   */
  readonly publicUrl: (base?: string) => string;
  readonly blob: BlobAccount;
  readonly log: (line: string) => void;
  /** named faults set by the control API; throws/returns the fault to answer for a named operation */
  readonly faults: Faults;
  /** How long a long-running operation of ARM takes at least, in milliseconds. */
  readonly lroDelayMs: number;
}
