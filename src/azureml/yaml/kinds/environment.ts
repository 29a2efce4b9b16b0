import { environmentBody, environmentSchema, checkEnvironment } from '../environments.js';
import type { EnvironmentSpec } from '../environments.js';
import { kind } from '../kind.js';
import { checkPath } from '../paths.js';

/** `az ml environment create`. */
export const environment = kind<EnvironmentSpec>({
  name: 'environment',
  roles: ['setup'],
  order: 4,
  detects: (value) => ('image' in value || 'build' in value) && !('command' in value),
  schema: environmentSchema,
  async check(spec, place) {
    const unnamed =
      spec.name === undefined
        ? [{ path: [], message: 'an environment in a file of its own needs name', fix: 'add name:' }]
        : [];
    return [
      ...unnamed,
      ...(await checkEnvironment(spec, place, [], (path, at) => checkPath(place, path, at))),
    ];
  },
  async toRest(spec, place, assets) {
    const name = spec.name ?? 'environment';
    const made = spec.version ?? (await assets.next('environments', name));
    const { properties } = await environmentBody(spec, place, assets, {
      anonymous: false,
      name,
      version: made,
    });
    return { resource: `/environments/${name}/versions/${made}`, body: { properties } };
  },
});
