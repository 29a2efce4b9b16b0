import type { z } from 'zod';
import type { Json } from '../types.js';
import type { CredentialsName } from './connection-credentials.js';
import { isMapping, object, snakeWord, text } from './fields.js';

interface Category {
  /** As Azure writes it. */
  readonly category: string;
  /** Keys of its own. */
  readonly shape?: z.ZodRawShape;
  /** Sorts of credentials that its schema knows; default all. */
  readonly credentials?: readonly CredentialsName[];
  /** Sorts that it takes in the end; default all. */
  readonly takes?: readonly CredentialsName[];
  /** What it uses without credentials; default `none`. */
  readonly without?: 'aad' | 'none';
  /** Whether a key is the only sort that is not replaced by the identity. */
  readonly keyOnly?: boolean;
  /** The key that holds the address, or how it is made; default `target`. */
  readonly target?: string | ((spec: Json) => string | undefined);
  readonly needsTarget?: boolean;
  readonly metadata?: (spec: Json) => Json;
}

const keyed = { api_key: text.nullable().optional() };
const mustBeKeyed = { api_key: text };
const service = {
  shape: { ...keyed, endpoint: text },
  without: 'aad',
  keyOnly: true,
  target: 'endpoint',
} as const;

const table = {
  git: { category: 'Git', takes: ['pat', 'none', 'username_password'] },
  container_registry: { category: 'ContainerRegistry', takes: ['managed_identity', 'username_password'] },
  python_feed: { category: 'PythonFeed', takes: ['username_password', 'pat', 'none'] },
  s3: { category: 'S3' },
  snowflake: { category: 'Snowflake' },
  azure_sql_db: { category: 'AzureSqlDb' },
  azure_synapse_analytics: { category: 'AzureSynapseAnalytics' },
  azure_my_sql_db: { category: 'AzureMySqlDb' },
  azure_postgres_db: { category: 'AzurePostgresDb' },
  custom: { category: 'CustomKeys' },
  azure_data_lake_gen2: {
    category: 'ADLSGen2',
    without: 'aad',
  },
  azure_blob: {
    category: 'AzureBlob',
    shape: { url: text, account_name: text, container_name: text },
    credentials: ['sas', 'account_key', 'aad'],
    without: 'aad',
    target: 'url',
    metadata: (spec) => ({ ContainerName: spec['container_name'], AccountName: spec['account_name'] }),
  },
  azure_one_lake: {
    category: 'AzureOneLake',
    shape: {
      endpoint: text,
      one_lake_workspace_name: text.optional(),
      artifact: object({ type: snakeWord(['lake_house']), name: text }, [])
        .nullable()
        .optional(),
    },
    credentials: ['service_principal', 'aad'],
    without: 'aad',
    target: lakehouse,
  },
  azure_open_ai: {
    category: 'AzureOpenAi',
    shape: {
      ...keyed,
      azure_endpoint: text,
      api_version: text.nullable().optional(),
      open_ai_resource_id: text.nullable().optional(),
    },
    without: 'aad',
    keyOnly: true,
    target: 'azure_endpoint',
    metadata: (spec) => ({
      ApiVersion: spec['api_version'] ?? null,
      ApiType: 'Azure',
      ResourceId: spec['open_ai_resource_id'] ?? null,
    }),
  },
  azure_ai_services: {
    ...service,
    category: 'AIServices',
    shape: { ...service.shape, ai_services_resource_id: text },
    metadata: (spec) => ({ ResourceId: spec['ai_services_resource_id'] }),
  },
  azure_ai_search: { ...service, category: 'CognitiveSearch' },
  azure_content_safety: {
    ...service,
    category: 'CognitiveService',
    metadata: () => ({ Kind: 'Content Safety' }),
  },
  azure_speech_services: { ...service, category: 'CognitiveService', metadata: () => ({ Kind: 'speech' }) },
  api_key: { category: 'ApiKey', shape: { ...mustBeKeyed, api_base: text }, target: 'api_base' },
  open_ai: { category: 'OpenAi', shape: mustBeKeyed, needsTarget: false },
  serp: { category: 'Serp', shape: mustBeKeyed, needsTarget: false },
  serverless: { category: 'Serverless', shape: { ...mustBeKeyed, endpoint: text }, target: 'endpoint' },
} as const satisfies Record<string, Category>;

export type ConnectionType = keyof typeof table;

/** Every `type` of a connection. */
export const categories: Readonly<Record<ConnectionType, Category>> = table;

/** A lakehouse's address is made of its parts, unless the file has it whole. */
function lakehouse(spec: Json): string | undefined {
  if (typeof spec['target'] === 'string') return spec['target'];
  const name = isMapping(spec['artifact']) ? String(spec['artifact']['name']) : '';
  const suffix = /^.{7}-.{4}-.{4}-.{4}.{12}/.test(name) ? '' : '.Lakehouse';
  return `https://${String(spec['endpoint'])}/${String(spec['one_lake_workspace_name'])}/${name}${suffix}`;
}
