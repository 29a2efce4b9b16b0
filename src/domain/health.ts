/** One scored request as the traffic log has it. */
export interface RequestRow {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly status: number;
  readonly durationMs: number;
}

/** Health of a deployment over a window. Latencies are milliseconds; absent when there was no request. */
export interface RequestStats {
  readonly requests: number;
  readonly errors: number;
  /** 0 to 1; 0 when there was no request. */
  readonly errorRate: number;
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
}

export interface HealthVerdict {
  readonly healthy: boolean;
  /** False when there was nothing to judge by: no request in the window, or no condition. */
  readonly judged?: boolean;
  /** One sentence for each condition that was met or could not be judged. */
  readonly reasons: readonly string[];
}

/** Result of the job by which a deployment of a batch endpoint is tested. */
export interface BatchTestResult {
  readonly passed: boolean;
  readonly rows: number;
  readonly reasons: readonly string[];
  /** One sentence for people. */
  readonly summary: string;
}

/** Result of real requests sent to one deployment before it gets traffic. */
export interface TestResult {
  readonly passed: boolean;
  readonly stats: RequestStats;
  readonly reasons: readonly string[];
  /** First answer, shortened, for people. */
  readonly sample?: string;
}
