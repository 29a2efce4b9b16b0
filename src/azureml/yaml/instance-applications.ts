import { z } from 'zod';
import type { Json } from '../types.js';
import { anything, compact, integer, lowerWord, object, text } from './fields.js';
import type { Problem } from './kind.js';

const port = integer.refine((value) => value > 1025 && value < 65_535, 'a port lies between 1025 and 65535');

/** One of `custom_applications:` of a compute instance. */
export const customApplication = object(
  {
    name: text,
    type: lowerWord(['docker']).optional(),
    image: object({ reference: text }, []),
    endpoints: z.array(object({ target: port, published: port }, [])),
    environment_variables: anything.optional(),
    bind_mounts: z.array(object({ source: text, target: text }, [])).optional(),
  },
  [],
);
type Application = z.infer<typeof customApplication>;

export function checkApplications(applications: readonly Application[]): Problem[] {
  const names = applications.map(({ name }, index) => ({ value: name, at: [index, 'name'] }));
  const ports = applications.flatMap(({ endpoints }, index) =>
    endpoints.map(({ published }, place) => ({
      value: String(published),
      at: [index, 'endpoints', place, 'published'],
    })),
  );
  return [names, ports].flatMap((list) =>
    list
      .filter(({ value }, index) => list.findIndex((other) => other.value === value) < index)
      .map(({ value, at }) => ({
        path: ['custom_applications', ...at],
        message: 'stands at another application too; each needs its own',
        found: value,
      })),
  );
}

export function serviceBody(application: Application): Json {
  const { endpoints, environment_variables: variables, bind_mounts: mounts } = application;
  return compact({
    name: application.name,
    image: { type: 'docker', reference: application.image.reference },
    endpoints:
      endpoints.length === 0
        ? undefined
        : endpoints.map((one) => ({ name: 'connect', ...one, protocol: 'http' })),
    environmentVariables:
      variables === undefined || Object.keys(variables).length === 0
        ? undefined
        : Object.fromEntries(
            Object.entries(variables).map(([name, value]) => [name, { type: 'local', value }]),
          ),
    volumes:
      mounts === undefined || mounts.length === 0
        ? undefined
        : mounts.map((one) => ({ type: 'bind', readOnly: false, ...one })),
    docker: { privileged: true },
    type: application.type ?? 'docker',
  });
}
