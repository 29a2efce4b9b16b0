import { AzureError } from '../errors.js';

/** Resource types and actions that Azure Machine Learning has and the emulator has not, with the reason. */
export const NOT_EMULATED: Readonly<Record<string, string>> = {
  'workspaces/capabilityHosts': 'Agents are no part of the emulator.',
  'workspaces/connections/deployments': 'Azure OpenAI deployments are no part of the emulator.',
  'workspaces/endpoints': 'Azure OpenAI endpoints are no part of the emulator.',
  'workspaces/featuresets': 'Feature stores are no part of the emulator.',
  'workspaces/featurestoreEntities': 'Feature stores are no part of the emulator.',
  'workspaces/indexes': 'Indexes are no part of the emulator.',
  'workspaces/inferencePools': 'Inference pools are no part of the emulator.',
  'workspaces/labelingJobs': 'Data labelling is no part of the emulator.',
  'workspaces/linkedServices': 'Synapse workspaces are no part of the emulator.',
  'workspaces/marketplaceSubscriptions': 'Marketplace models are no part of the emulator.',
  'workspaces/serverlessEndpoints': 'Marketplace models are no part of the emulator.',
  'workspaces/privateEndpointConnections': 'The emulator has no networks: everything is on this machine.',
  'workspaces/privateLinkResources': 'The emulator has no networks: everything is on this machine.',
  'workspaces/provisionManagedNetwork': 'The emulator has no networks: everything is on this machine.',
  'workspaces/listNotebookAccessToken': 'Notebooks are no part of the emulator.',
  'workspaces/listNotebookKeys': 'Notebooks are no part of the emulator.',
  'workspaces/prepareNotebook': 'Notebooks are no part of the emulator.',
  'workspaces/computes/listKeys': 'Attached clusters have no keys here: nothing is attached.',
  'workspaces/computes/updateIdleShutdownSetting':
    'Compute instances cost nothing here and do not shut down.',
  'workspaces/models/versions/package': 'Images are not built: deploy the model with an environment instead.',
  'registries/models/versions/package': 'Images are not built: deploy the model with an environment instead.',
  'locations/updateQuotas': 'Set quota with POST /_emulator/quota.',
  virtualClusters: 'Virtual clusters are no part of the emulator.',
};

const SENTENCES = new Map(Object.entries(NOT_EMULATED).map(([type, why]) => [type.toLowerCase(), why]));

/** 501 for an operation of Azure's that is known to be missing here; undefined for what Azure has not either. */
export function notEmulated(types: readonly string[]): AzureError | undefined {
  const name = types.join('/');
  const why = types
    .map((_, at) =>
      SENTENCES.get(
        types
          .slice(0, at + 1)
          .join('/')
          .toLowerCase(),
      ),
    )
    .find((sentence) => sentence !== undefined);
  return why === undefined
    ? undefined
    : new AzureError(501, 'NotImplemented', `'${name}' of Azure Machine Learning is not emulated. ${why}`);
}
