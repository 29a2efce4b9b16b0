import type { Role } from './yaml/kind.js';
import { readYaml } from './yaml/read.js';
import { kindOf, kinds } from './yaml/registry.js';

/** What a YAML file is to the `az ml` CLI. */
export interface Identified {
  /** As Microsoft's schemas are called: `commandJob`, `managedOnlineEndpoint`. */
  readonly kind: string;
  /** What `mlops.yaml` may name it for; empty for a kind that it cannot use. */
  readonly roles: readonly Role[];
  readonly value: Readonly<Record<string, unknown>>;
}

const microsoftSchema = /azuremlschemas[^/]*\/(?:latest|[^/]+)\/([A-Za-z]+)\.schema\.json$/;

/**
 * Kind of a file that may be anything. A `$schema` of Microsoft's is believed; without one the file must fit a kind
 * completely, since nearly every YAML file is a mapping with a `name`.
 * @returns undefined for whatever is no `az ml` file, or cannot be read
 */
export function identifyFile(path: string): Identified | undefined {
  const value = valueIn(path);
  if (!isMapping(value)) return undefined;
  const named = microsoftSchema.exec(typeof value['$schema'] === 'string' ? value['$schema'] : '')?.[1];
  if (named !== undefined) {
    const known = kinds.find(({ name }) => name.toLowerCase() === named.toLowerCase()) ?? kindOf(value);
    return { kind: known?.name ?? named, roles: known?.roles ?? [], value };
  }
  const guessed = kindOf(value);
  if (guessed?.schema.safeParse(value).success !== true) return undefined;
  return { kind: guessed.name, roles: guessed.roles, value };
}

function valueIn(path: string): unknown {
  try {
    const { value, problems } = readYaml(path);
    return problems.some(({ warning }) => !warning) ? undefined : value;
  } catch {
    return undefined;
  }
}

const computeKeys = new Set(['compute', 'default_compute']);

/** Names of clusters that a job sends itself, or a step of it, to: values of `compute` and `default_compute`. */
export function computesNamed(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const found = Object.entries(value).flatMap(([key, inner]) => {
    if (!computeKeys.has(key) || typeof inner !== 'string') return computesNamed(inner);
    const name = /^(?:azureml:)?([A-Za-z][\w-]*)$/.exec(inner)?.[1];
    return name === undefined || name === 'serverless' || name === 'local' ? [] : [name];
  });
  return [...new Set(found)];
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
