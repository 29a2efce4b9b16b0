import { clientVariables, workspacePath } from './variables.js';
import type { Addresses, WorkspaceName } from './variables.js';

/** `export NAME='value'` lines for a shell. */
export function exportLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`)
    .join('\n');
}

/** What the emulator tells a person when it is ready: addresses, variables and three lines for each client. */
export function instructions(addresses: Addresses, blobUrl: string, workspace: WorkspaceName): string {
  const { url, httpsUrl, caPath } = addresses;
  const { subscription, group, workspace: name } = workspace;
  return `azureml-emulator is ready: ${url} and ${httpsUrl}, Blob at ${blobUrl}
What runs and what was asked for: ${url}/studio

1. Clients find it by these variables. In another shell: eval "$(azureml-emulator env)"

${exportLines(clientVariables(addresses, workspace))}

${caPath} is the certificate of an authority that was made for this data folder. Its key was thrown away when
the server's certificate was signed, so trusting it trusts this emulator and nothing else. No system store is touched.

2. azureml-emulator check   tells whether a client in this shell could still reach the real Azure.

3. Python, azure-ai-ml:
     from azure.ai.ml import MLClient; from azure.identity import DefaultAzureCredential
     ml = MLClient(DefaultAzureCredential(), "${subscription}", "${group}", "${name}")
     print(ml.workspaces.get("${name}").location)
   MLflow (MLFLOW_TRACKING_URI is among the variables):
     import mlflow
     with mlflow.start_run():
         mlflow.log_metric("accuracy", 0.9)
   JavaScript, @azure/arm-machinelearning:
     const { AzureMachineLearningWorkspaces } = require('@azure/arm-machinelearning'); const { DefaultAzureCredential } = require('@azure/identity');
     const ml = new AzureMachineLearningWorkspaces(new DefaultAzureCredential(), '${subscription}', { endpoint: '${httpsUrl}' });
     ml.workspaces.get('${group}', '${name}').then(({ location }) => console.log(location));
   REST:
     curl -H 'Authorization: Bearer any' '${url}${workspacePath(workspace)}?api-version=2024-04-01'
`;
}
