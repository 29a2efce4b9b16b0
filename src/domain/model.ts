/** A registered model version. `name:version` is unique within a workspace. */
export interface ModelRef {
  readonly name: string;
  readonly version: string;
  /** Alias of the workspace that it was registered in. */
  readonly workspace: string;
}

export type ModelType = 'mlflow_model' | 'custom_model' | 'triton_model';

/** Where a model version came from, kept as tags on it. */
export interface Lineage {
  readonly repository: string;
  readonly project: string;
  readonly commit: string;
  readonly candidate: string;
  readonly job: string;
  readonly codeHash: string;
  /** Input name → data asset version, `diabetes-train:3`. */
  readonly data: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
}
