import { checkEnvironment } from '../environment-checks.js';
import { namedBody, namedEnvironmentSchema } from '../environments.js';
import type { NamedEnvironment } from '../environments.js';
import { kind } from '../kind.js';

/** `az ml environment create`. */
export const environment = kind<NamedEnvironment>({
  name: 'environment',
  roles: ['setup'],
  order: 4,
  detects: (value) => ('image' in value || 'build' in value) && !('command' in value),
  schema: namedEnvironmentSchema,
  check: (spec, place) => checkEnvironment(spec, place, []),
  async toRest(spec, place, assets) {
    const { version, properties } = await namedBody(spec, place, assets);
    return { resource: `/environments/${spec.name}/versions/${version}`, body: { properties } };
  },
});
