/** Tracking data as it is stored; field names are MLflow's own. */

export type Strings = Record<string, string>;

export interface Experiment {
  experiment_id: string;
  name: string;
  artifact_location: string;
  lifecycle_stage: 'active' | 'deleted';
  creation_time: number;
  last_update_time: number;
  tags: Strings;
}

export interface Metric {
  key: string;
  /** JSON has no NaN or infinity: those are `"NaN"`, `"Infinity"`, `"-Infinity"`, as protobuf writes them. */
  value: number | string;
  /** Milliseconds since 1970. */
  timestamp: number;
  step: number;
  model_id?: string | undefined;
  dataset_name?: string | undefined;
  dataset_digest?: string | undefined;
}

export const RUN_STATUS = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type RunStatus = (typeof RUN_STATUS)[number];

export interface Run {
  run_id: string;
  run_name: string;
  experiment_id: string;
  user_id: string;
  status: RunStatus;
  start_time: number;
  end_time?: number | undefined;
  lifecycle_stage: 'active' | 'deleted';
  params: Strings;
  tags: Strings;
  /** Of each key the value with the highest step. */
  metrics: Record<string, Metric>;
  /** How many requests have logged metrics: the next chunk's number. */
  metricChunks: number;
  dataset_inputs: unknown[];
  model_inputs: unknown[];
  model_outputs: unknown[];
}

export interface LoggedModel {
  model_id: string;
  experiment_id: string;
  name: string;
  status: string;
  model_type?: string | undefined;
  source_run_id?: string | undefined;
  creation_timestamp_ms: number;
  last_updated_timestamp_ms: number;
  params: Strings;
  tags: Strings;
  metrics: (Metric & { run_id: string })[];
}

/** `[{key, value}]`, the form of params and tags on the wire. */
export function pairs(strings: Strings): { key: string; value: string }[] {
  return Object.entries(strings).map(([key, value]) => ({ key, value }));
}
