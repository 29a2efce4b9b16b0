import { z } from 'zod';
import type { Json } from '../../types.js';
import { allCredentials, connectionCredentials, credentialsPart } from '../connection-credentials.js';
import type { Credentials, CredentialsName } from '../connection-credentials.js';
import { categories } from '../connection-types.js';
import type { ConnectionType } from '../connection-types.js';
import {
  anything,
  boolean,
  compact,
  fileObject,
  isMapping,
  snake,
  snakeWord,
  text,
  choose,
} from '../fields.js';
import { kind } from '../kind.js';
import type { Problem } from '../kind.js';

type Connection = Json & {
  readonly type: ConnectionType;
  readonly name: string;
  readonly credentials?: Credentials;
  readonly is_shared?: boolean;
  readonly metadata?: Json;
  readonly tags?: Json;
};

const shared = {
  name: text,
  id: text.optional(),
  description: text.optional(),
  tags: anything.optional(),
  target: text.optional(),
  is_shared: boolean.optional(),
  metadata: anything.optional(),
};

const names = Object.keys(categories) as ConnectionType[];

const schemas = new Map<string, z.ZodType<Connection>>(
  names.map((name) => {
    const { credentials = allCredentials, shape = {} } = categories[name];
    const schema = fileObject(
      {
        ...shared,
        type: snakeWord([name]),
        credentials: connectionCredentials(credentials).optional(),
        ...shape,
      },
      ['creation_context'],
    );
    return [name, schema as unknown as z.ZodType<Connection>];
  }),
);
const unknownType = z.looseObject({ type: snakeWord(names) }) as unknown as z.ZodType<Connection>;

/** A datastore may have the same type; it has no address. */
function isConnection(value: Readonly<Record<string, unknown>>): boolean {
  const type = typeof value['type'] === 'string' ? snake(value['type']) : '';
  return (
    schemas.has(type) &&
    !('path' in value) &&
    (type !== 'azure_blob' || 'url' in value) &&
    !('filesystem' in value)
  );
}

/** `az ml connection create`. */
export const connection = kind<Connection>({
  name: 'connection',
  roles: ['setup'],
  order: 2,
  detects: isConnection,
  schema: choose((value) => {
    const type = isMapping(value) && typeof value['type'] === 'string' ? snake(value['type']) : '';
    return schemas.get(type) ?? unknownType;
  }),
  check: (spec) => Promise.resolve([...wrongCredentials(spec), ...withoutTarget(spec), ...openSecret(spec)]),
  toRest: (spec) => {
    const { category, target = 'target', metadata } = categories[spec.type];
    const properties = compact({
      target: typeof target === 'string' ? spec[target] : target(spec),
      ...credentialsPart(effective(spec)),
      metadata: { ...spec.tags, ...spec.metadata, ...metadata?.(spec) },
      category,
      isSharedToAll: spec.is_shared ?? true,
    });
    return Promise.resolve({ resource: `/connections/${spec.name}`, body: { properties } });
  },
});

/** A key at the top goes before `credentials`; without either some connections use the identity, some nothing. */
function effective(spec: Connection): Credentials {
  const key = spec['api_key'];
  if (typeof key === 'string' && key !== '') return { type: 'api_key', key };
  const { without = 'none', keyOnly = false } = categories[spec.type];
  const given = spec.credentials;
  if (given === undefined || (keyOnly && given.type !== 'api_key')) return { type: without };
  return given.type === 'none' && without === 'aad' ? { type: 'aad' } : given;
}

function wrongCredentials(spec: Connection): Problem[] {
  const allowed: readonly CredentialsName[] | undefined = categories[spec.type].takes;
  const { type } = effective(spec);
  if (allowed === undefined || allowed.includes(type)) return [];
  return [
    {
      path: spec.credentials === undefined ? ['type'] : ['credentials', 'type'],
      message: `a connection of type ${spec.type} does not take these credentials`,
      found: type,
      allowed,
    },
  ];
}

function withoutTarget(spec: Connection): Problem[] {
  if (spec.type === 'azure_one_lake' && spec['target'] === undefined) {
    return ['artifact', 'one_lake_workspace_name']
      .filter((key) => (spec[key] ?? null) === null)
      .map((key) => ({ path: [key], message: 'missing; this key is required without target' }));
  }
  const { target = 'target', needsTarget = true } = categories[spec.type];
  if (!needsTarget || typeof target !== 'string' || spec[target] !== undefined) return [];
  return [{ path: [target], message: 'missing; this key is required' }];
}

/** A file in a repository is no place for a secret. */
function openSecret(spec: Connection): Problem[] {
  const { type } = effective(spec);
  if (['aad', 'none', 'managed_identity'].includes(type)) return [];
  return [
    {
      path: spec['api_key'] === undefined ? ['credentials'] : ['api_key'],
      message: 'this file holds a secret; anybody who can read the repository can read it',
      fix: 'keep the value out of the file and give it with --set when the connection is made',
      severity: 'warning',
    },
  ];
}
