import { z } from 'zod';
import type { Json } from '../../types.js';
import {
  anything,
  boolean,
  compact,
  fileObject,
  firstOf,
  integer,
  lowerWord,
  object,
  pascal,
  text,
} from '../fields.js';

import { kind } from '../kind.js';
import { resourceGroupOf } from '../references.js';

const storage = object(
  {
    storage_account_hns: boolean.optional(),
    storage_account_type: lowerWord([
      'standard_lrs',
      'standard_grs',
      'standard_ragrs',
      'standard_zrs',
      'standard_gzrs',
      'standard_ragzrs',
      'premium_lrs',
      'premium_zrs',
    ]).optional(),
    replication_count: integer.refine((count) => count > 0, 'expected 1 or more').optional(),
  },
  [],
);
const storageId = text.regex(
  /^\/subscriptions\/.*\/resourceGroups\/.*\/providers\/Microsoft\.Storage\/storageAccounts\//,
  'expected the ARM id of a storage account',
);
const registryId = text.regex(
  /^\/subscriptions\/.*\/resourceGroups\/.*\/providers\/Microsoft\.ContainerRegistry\/registries\//,
  'expected the ARM id of a container registry',
);
type Storage = z.infer<typeof storage> | string[];

const region = object(
  { location: text.optional(), storage_config: firstOf<Storage>(storage, z.array(storageId)).optional() },
  [],
);
const ownRegistry = object({ acr_account_sku: lowerWord(['premium']).optional() }, []);

const schema = fileObject(
  {
    name: text,
    id: text.optional(),
    description: text.optional(),
    tags: anything.optional(),
    location: text,
    public_network_access: lowerWord(['enabled', 'disabled']).optional(),
    replication_locations: z.array(region),
    intellectual_property: object({ publisher: text }, []).optional(),
    container_registry: firstOf<string | z.infer<typeof ownRegistry>>(registryId, ownRegistry).optional(),
  },
  ['identity', 'kind', 'sku', 'managed_resource_group', 'mlflow_registry_uri', 'discovery_url'],
);
type Registry = z.infer<typeof schema>;

/** `az ml registry create`. */
export const registry = kind<Registry>({
  name: 'registry',
  roles: ['setup'],
  order: 0,
  detects: (value) => 'replication_locations' in value,
  schema,
  toRest: (spec, _place, assets) => {
    const tags = spec.tags ?? {};
    const body = {
      location: spec.location,
      identity: { type: 'SystemAssigned' },
      tags,
      properties: compact({
        publicNetworkAccess:
          spec.public_network_access === undefined ? undefined : pascal(spec.public_network_access),
        intellectualPropertyPublisher: spec.intellectual_property?.publisher,
        regionDetails: spec.replication_locations.map((one) => regionBody(one, spec)),
        managedResourceGroupTags: tags,
      }),
    };
    const group = resourceGroupOf(assets.workspace);
    return Promise.resolve({
      resource: `${group}/providers/Microsoft.MachineLearningServices/registries/${spec.name}`,
      body,
    });
  },
});

function regionBody({ location, storage_config: config = {} }: z.infer<typeof region>, spec: Registry): Json {
  const acr = spec.container_registry;
  const acrDetails =
    typeof acr === 'string'
      ? { userCreatedAcrAccount: { armResourceId: { resourceId: acr } } }
      : { systemCreatedAcrAccount: { acrAccountSku: 'Premium' } };
  return compact({ acrDetails: [acrDetails], location, storageAccountDetails: storageBody(config) });
}

function storageBody(config: Storage): Json[] {
  if (Array.isArray(config)) {
    return config.map((id) => ({ userCreatedStorageAccount: { armResourceId: { resourceId: id } } }));
  }
  const account = {
    systemCreatedStorageAccount: {
      storageAccountHnsEnabled: config.storage_account_hns ?? false,
      storageAccountType: config.storage_account_type ?? 'standard_lrs',
    },
  };
  return Array.from({ length: config.replication_count ?? 1 }, () => account);
}
