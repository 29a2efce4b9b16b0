import { basename } from 'node:path';
import { z } from 'zod';
import type { Json } from '../types.js';
import { isoSeconds } from './durations.js';
import { anything, boolean, choose, compact, integer, object, openObject, text, word } from './fields.js';
import type { Place } from './kind.js';

/** Experiment of a job that names none: the folder that the client runs in, as Python's `Path.stem` without spaces. */
export function experimentName({ files }: Place): string {
  const folder = basename(files.dir);
  const stem = folder.replace(/(?<=.)\.[^.]+$/, '').replaceAll(' ', '');
  return stem === '' ? 'Default' : stem;
}

export const resources = object({
  instance_count: integer.optional(),
  instance_type: choose<string | string[]>((value) =>
    Array.isArray(value) ? z.array(text) : text,
  ).optional(),
  max_instance_count: integer.optional(),
  locations: z.array(text).optional(),
  shm_size: text.optional(),
  docker_args: choose<string | string[]>((value) => (Array.isArray(value) ? z.array(text) : text)).optional(),
  properties: anything.optional(),
});

/** `resources:` of a component: unknown keys go along. */
export const looseResources = openObject({
  instance_count: integer.optional(),
  max_instance_count: integer.optional(),
  instance_type: text.optional(),
  locations: z.array(text).optional(),
  shm_size: text.optional(),
  docker_args: choose<string | string[]>((value) => (Array.isArray(value) ? z.array(text) : text)).optional(),
  properties: anything.optional(),
});

export function resourcesBody(spec: z.infer<typeof resources>): Json {
  return compact({
    instanceCount: spec.instance_count,
    instanceType: spec.instance_type,
    maxInstanceCount: spec.max_instance_count,
    locations: spec.locations,
    properties: spec.properties ?? {},
    dockerArgs: spec.docker_args,
    shmSize: spec.shm_size,
  });
}

const distributions = {
  pytorch: object({ type: z.unknown(), process_count_per_instance: integer.optional() }),
  mpi: object({ type: z.unknown(), process_count_per_instance: integer.optional() }),
  tensorflow: object({
    type: z.unknown(),
    parameter_server_count: integer.optional(),
    worker_count: integer.optional(),
  }),
  ray: object({
    type: z.unknown(),
    port: integer.optional(),
    address: text.optional(),
    include_dashboard: boolean.optional(),
    dashboard_port: integer.optional(),
    head_node_additional_args: text.optional(),
    worker_node_additional_args: text.optional(),
  }),
};
const distributionTypes = { pytorch: 'PyTorch', mpi: 'Mpi', tensorflow: 'TensorFlow', ray: 'Ray' } as const;
type DistributionName = keyof typeof distributionTypes;

const distributionName = object({ type: word(Object.keys(distributionTypes) as DistributionName[]) });

export const distribution = choose<Json>((value): z.ZodType<Json> => {
  const name = nameIn(value, 'type');
  return name !== undefined && name in distributions
    ? distributions[name as DistributionName]
    : distributionName;
});

export function distributionBody(spec: Json): Json {
  const { type, ...rest } = spec;
  const name = String(type).toLowerCase() as DistributionName;
  const defaults = name === 'tensorflow' ? { parameterServerCount: 0 } : {};
  return { ...defaults, ...camel(rest), distributionType: distributionTypes[name] };
}

/** As a component's specification holds it. */
export function distributionSpec(spec: Json): Json {
  const type = String(spec['type']).toLowerCase();
  const defaults = type === 'tensorflow' ? { parameter_server_count: 0 } : {};
  return { ...defaults, ...spec, type };
}

const serviceTypes = {
  jupyter_lab: 'JupyterLab',
  vs_code: 'VSCode',
  tensor_board: 'TensorBoard',
  ssh: 'SSH',
  custom: undefined,
} as const;

const service = object({
  type: word(['jupyter_lab', 'vs_code', 'tensor_board', 'ssh', 'custom']).optional(),
  job_service_type: word(['jupyter_lab', 'vs_code', 'tensor_board', 'ssh', 'custom']).optional(),
  port: integer.optional(),
  nodes: z.literal('all').optional(),
  properties: anything.optional(),
  log_dir: text.optional(),
  ssh_public_keys: text.optional(),
});
export const services = z.record(z.string(), service);

export function servicesBody(spec: z.infer<typeof services>): Json {
  return Object.fromEntries(
    Object.entries(spec).map(([name, one]) => {
      const properties = {
        ...one.properties,
        ...compact({ logDir: one.log_dir, sshPublicKeys: one.ssh_public_keys }),
      };
      const body = compact({
        jobServiceType: serviceTypes[one.type ?? one.job_service_type ?? 'custom'],
        port: one.port,
        nodes: one.nodes === undefined ? undefined : { nodesValueType: 'All' },
        properties: Object.keys(properties).length === 0 ? undefined : properties,
      });
      return [name, body];
    }),
  );
}

export const identity = object({
  type: word(['aml_token', 'managed', 'managed_identity', 'user_identity']),
  client_id: text.optional(),
  object_id: text.optional(),
  msi_resource_id: text.optional(),
});

export function identityBody(spec: z.infer<typeof identity>): Json {
  if (spec.type === 'aml_token') return { identityType: 'AMLToken' };
  if (spec.type === 'user_identity') return { identityType: 'UserIdentity' };
  return compact({
    clientId: spec.client_id,
    objectId: spec.object_id,
    resourceId: spec.msi_resource_id,
    identityType: 'Managed',
  });
}

const tiers = {
  spot: 'Spot',
  basic: 'Basic',
  standard: 'Standard',
  premium: 'Premium',
  null: 'Null',
} as const;
const priorities = { low: 1, medium: 2, high: 3 } as const;

export const queueSettings = object({
  job_tier: word(['spot', 'basic', 'standard', 'premium', 'null']).optional(),
  priority: word(['low', 'medium', 'high']).optional(),
});

export function queueBody(spec: z.infer<typeof queueSettings>): Json {
  return compact({
    jobTier: spec.job_tier === undefined ? undefined : tiers[spec.job_tier],
    priority: spec.priority === undefined ? undefined : priorities[spec.priority],
  });
}

export const limits = object({ timeout: integer.optional() });

export function limitsBody(spec: z.infer<typeof limits>): Json {
  const seconds = spec.timeout ?? 0;
  return compact({ timeout: seconds === 0 ? undefined : isoSeconds(seconds), jobLimitsType: 'Command' });
}

function nameIn(value: unknown, key: string): string | undefined {
  const found = typeof value === 'object' && value !== null ? (value as Json)[key] : undefined;
  return typeof found === 'string' ? found.toLowerCase() : undefined;
}

/** `process_count_per_instance` → `processCountPerInstance`; values stay. */
export function camel(fields: Json): Json {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}

/** `jobLimitsType` → `job_limits_type`, as nodes of pipelines are sent; values stay. */
export function snake(fields: Json): Json {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

/** As `snake`, of every entry. */
export function snakeAll(entries: Json): Json {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, snakeDeep(value)]));
}

function snakeDeep(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const inner = Object.entries(value as Json).map(([key, item]): [string, unknown] => [
    key,
    key === 'properties' ? item : snakeDeep(item),
  ]);
  return snake(Object.fromEntries(inner));
}
