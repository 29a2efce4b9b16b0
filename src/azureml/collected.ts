import type { AzureMl } from './client.js';

export declare function downloadCollected(
  ml: AzureMl,
  query: {
    readonly endpoint: string;
    readonly deployment?: string;
    readonly collection: string;
    readonly fromMs: number;
    readonly toMs: number;
  },
  toDir: string,
): Promise<string[]>;
