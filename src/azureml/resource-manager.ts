import { ResourceManagementClient } from '@azure/arm-resources';
import type { AzureMl } from './client.js';
import { asAzureError } from './errors.js';
import type { OperationHandle } from './operations.js';
import { looseToken } from './transport.js';
import { TEMPLATE_API, templateId, workspaceTemplate } from './workspace-template.js';

/** Version 6 of the SDK is the last that offers template deployments and runs on Node 20. */
function resourceManager(ml: AzureMl): ResourceManagementClient {
  const { target, connection, armUrl } = ml;
  const insecure = armUrl.startsWith('http:');
  const client = new ResourceManagementClient(connection.credential, target.subscription, {
    endpoint: armUrl,
    credentialScopes: [`${armUrl}/.default`],
    allowInsecureConnection: insecure,
  });
  if (insecure) {
    client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
    client.pipeline.addPolicy({
      name: 'looseToken',
      async sendRequest(request, next) {
        request.headers.set('authorization', await looseToken(ml));
        return await next(request);
      },
    });
  }
  return client;
}

/** Makes the workspace's resource group, or leaves it as it is. @throws AzureError */
export async function makeResourceGroup(ml: AzureMl): Promise<void> {
  const { resourceGroup, location } = ml.target;
  try {
    await resourceManager(ml).resourceGroups.createOrUpdate(resourceGroup, { location });
  } catch (error) {
    throw asAzureError(error, `PUT resource group ${resourceGroup}`);
  }
}

/**
 * Begins the one deployment that makes the workspace and what it needs. The SDK's poller is left alone: the
 * deployment's own `provisioningState` can be looked at by any worker.
 * @throws AzureError
 */
export async function beginWorkspace(ml: AzureMl, tenantId: string): Promise<OperationHandle> {
  const resource = templateId(ml);
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  const template = workspaceTemplate(ml, tenantId);
  try {
    const deployments = resourceManager(ml).deployments;
    await deployments.beginCreateOrUpdate(ml.target.resourceGroup, name, {
      properties: { mode: 'Incremental', template },
    });
  } catch (error) {
    throw asAzureError(error, `PUT deployment ${name}`);
  }
  return { resource, kind: 'put', apiVersion: TEMPLATE_API };
}
