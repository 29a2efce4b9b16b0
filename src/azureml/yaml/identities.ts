import { z } from 'zod';
import type { Json } from '../types.js';
import { compact, fileObject, object, pascal, plainTexts, snakeWord, text } from './fields.js';

/** `identity:` of an endpoint: one user-assigned identity at most. */
export const endpointIdentity = object(
  {
    type: snakeWord(['system_assigned', 'user_assigned', 'none']),
    principal_id: text.optional(),
    tenant_id: text.optional(),
    user_assigned_identities: z
      .array(plainTexts)
      .max(1, 'an endpoint takes one user-assigned identity')
      .optional(),
  },
  [],
);

const userIdentity = fileObject({ resource_id: text.optional() }, ['principal_id', 'client_id', 'tenant_id']);

/** `identity:` of a compute. */
export const computeIdentity = fileObject(
  {
    type: snakeWord(['system_assigned', 'user_assigned', 'none', 'system_assigned,user_assigned']),
    user_assigned_identities: z.array(userIdentity).optional(),
  },
  ['principal_id', 'tenant_id'],
);

interface Identity {
  readonly type?: string | undefined;
  readonly user_assigned_identities?: readonly { readonly resource_id?: string | undefined }[] | undefined;
}

/** ARM's identity of a resource; of an endpoint by default a system-assigned one. */
export function identityBody(spec: Identity | undefined): Json {
  const users = spec?.user_assigned_identities ?? [];
  return compact({
    type: pascal(spec?.type ?? 'system_assigned'),
    userAssignedIdentities:
      users.length === 0 ? undefined : Object.fromEntries(users.map((user) => [user.resource_id ?? '', {}])),
  });
}
