/** Where a running emulator is reached. */
export interface Addresses {
  readonly url: string;
  /** https: what Microsoft's Python clients insist on. */
  readonly httpsUrl: string;
  readonly caPath: string;
}

/** The cloud's name in `/metadata/endpoints`. */
export const CLOUD = 'LocalCloud';

/** A workspace, for addresses that name one. */
export interface WorkspaceName {
  readonly subscription: string;
  readonly group: string;
  readonly workspace: string;
}

export function workspacePath({ subscription, group, workspace }: WorkspaceName): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.MachineLearningServices/workspaces/${workspace}`;
}

/**
 * Environment variables that lead Microsoft's clients and MLflow here, unchanged. `AZUREML_CURRENT_CLOUD` closes a trap of
 * azure-ai-ml (seen in 1.28.1 and 1.35.2): without it, a failed request for the cloud's metadata sends everything to the
 * real Azure; with it the client stops with `Unknown cloud environment "LocalCloud"`.
 */
export function clientVariables(
  { url, httpsUrl, caPath }: Addresses,
  workspace?: WorkspaceName,
): Record<string, string> {
  return {
    ARM_CLOUD_METADATA_URL: `${httpsUrl}/metadata/endpoints?api-version=2019-05-01`,
    AZUREML_CURRENT_CLOUD: CLOUD,
    REGISTRY_DISCOVERY_ENDPOINT_URL: `${httpsUrl}/`,
    IDENTITY_ENDPOINT: `${httpsUrl}/msi/token`,
    IDENTITY_HEADER: 'local',
    REQUESTS_CA_BUNDLE: caPath,
    NODE_EXTRA_CA_CERTS: caPath,
    // The client remembers ids of components between runs; those of another data folder lead nowhere.
    AZURE_ML_DISABLE_ON_DISK_CACHE: 'True',
    ...(workspace === undefined
      ? {}
      : { MLFLOW_TRACKING_URI: `${url}/mlflow/v1.0${workspacePath(workspace)}` }),
  };
}
