import { z } from 'zod';
import { filled, componentObject, componentType } from './component.js';
import { checkCode } from '../code.js';
import { checkEnvironment } from '../environment-checks.js';
import { environmentField, environmentId } from '../environments.js';
import { anything, compact, text, word } from '../fields.js';
import * as parts from '../job-parts.js';
import { armPrefixed } from '../references.js';
import { unboundOf } from './bindings.js';
import { componentCodeId } from './component-code.js';
import { checkIncludes } from './includes.js';

const keys = {
  type: word(['command']).optional(),
  command: text,
  code: text.optional(),
  environment: environmentField,
  resources: parts.looseResources.optional(),
  distribution: parts.distribution.optional(),
  additional_includes: z.array(text).optional(),
  properties: anything.optional(),
};
const schema = componentObject(keys);
export type CommandComponent = z.infer<typeof schema>;

/** A command with its code and environment. */
export const commandComponent = componentType<CommandComponent>({
  type: 'command',
  schema,
  keys: Object.keys(keys),
  async check(value, place) {
    return [
      ...(value.code === undefined ? [] : await checkCode(place, value.code, ['code'], { registry: true })),
      ...(await checkIncludes(value.additional_includes ?? [], value.code, place)),
      ...(await checkEnvironment(value.environment, place, ['environment'])),
      ...unboundOf(value.command, ['command'], value),
    ];
  },
  async spec(value, place, assets) {
    const code = await componentCodeId(value, place, assets);
    return compact({
      command: value.command,
      code: code === undefined ? undefined : armPrefixed(code),
      environment: armPrefixed(await environmentId(value.environment, place, assets)),
      resources: value.resources,
      distribution: value.distribution === undefined ? undefined : parts.distributionSpec(value.distribution),
      additional_includes: filled(value.additional_includes ?? []),
      properties: filled(value.properties),
    });
  },
});
