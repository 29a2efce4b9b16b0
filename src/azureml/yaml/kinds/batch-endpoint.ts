import type { z } from 'zod';
import { anyEndpointShape, checkName } from '../endpoint-parts.js';
import { compact, fileObject, object, text } from '../fields.js';
import { kind } from '../kind.js';

const schema = fileObject({
  ...anyEndpointShape,
  defaults: object({ deployment_name: text.optional() }, []).optional(),
});
type Endpoint = z.infer<typeof schema>;

const authModes = { key: 'key', aml_token: 'amlToken', aad_token: 'aadToken' } as const;

/** `az ml batch-endpoint create`. */
export const batchEndpoint = kind<Endpoint>({
  name: 'batchEndpoint',
  roles: ['setup', 'batchEndpoint'],
  order: 8,
  detects: (value) => 'defaults' in value,
  schema,
  check: ({ name }) => Promise.resolve(checkName(name, 'an endpoint')),
  async toRest(endpoint, _place, assets) {
    const name = endpoint.defaults?.deployment_name;
    const body = {
      location: await assets.location(),
      tags: endpoint.tags ?? {},
      properties: compact({
        description: endpoint.description,
        authMode: authModes[endpoint.auth_mode ?? 'aad_token'],
        properties: endpoint.properties ?? {},
        defaults: name === undefined ? undefined : { deploymentName: name },
      }),
    };
    return { resource: `/batchEndpoints/${endpoint.name.toLowerCase()}`, body };
  },
});
