import type { RequestRow } from '../domain/health.js';
import type { AzureMl } from './client.js';

export declare function requestStats(
  ml: AzureMl,
  query: {
    readonly endpoint: string;
    readonly deployment: string;
    readonly fromMs: number;
    readonly toMs: number;
  },
): Promise<RequestRow[]>;
export declare function ensureDiagnostics(ml: AzureMl, endpointId: string): Promise<void>;
