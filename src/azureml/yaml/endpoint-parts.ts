import { z } from 'zod';
import { anything, snakeWord, text } from './fields.js';
import { endpointIdentity } from './identities.js';
import type { Problem } from './kind.js';
import type { Path } from './parse.js';

const NAME = /^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const pattern = 'expected a letter, then letters, digits and dashes, no dash at the end';

export const endpointName = z.string().regex(NAME, pattern);

/** What every endpoint's file may hold. */
export const anyEndpointShape = {
  id: text.optional(),
  name: endpointName,
  description: text.optional(),
  tags: anything.optional(),
  properties: anything.optional(),
  auth_mode: snakeWord(['aml_token', 'key', 'aad_token']).optional(),
  scoring_uri: text.optional(),
  location: text.optional(),
  openapi_uri: text.optional(),
};

/** What an online endpoint's file may hold besides. */
export const endpointShape = {
  ...anyEndpointShape,
  provisioning_state: text.optional(),
  identity: endpointIdentity.optional(),
};

/** The official client refuses these names when it submits, not when it loads. */
export function checkName(
  name: string,
  what: 'an endpoint' | 'a deployment',
  path: Path = ['name'],
): Problem[] {
  if (name.length < 3 || name.length > 32) {
    const message = `the name of ${what} has 3 to 32 characters; this one has ${name.length}`;
    return [{ path, message, found: name }];
  }
  return NAME.test(name) ? [] : [{ path, message: pattern, found: name }];
}
