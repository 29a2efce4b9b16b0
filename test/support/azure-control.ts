import type { Machine } from '../../tools/local/machine.js';

/** One request that the emulator answered. */
export interface AzureRequest {
  readonly seq: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body?: { readonly properties?: Readonly<Record<string, unknown>> };
}

export interface Fault {
  readonly match: { readonly method?: string; readonly path?: string; readonly operation?: string };
  readonly times?: number;
  readonly answer:
    | { readonly status: number; readonly code: string; readonly message?: string }
    | { readonly delayMs: number }
    | 'hangup';
}

export interface EndpointView {
  /** Percent by deployment; those without any left out. */
  readonly traffic: Readonly<Record<string, number>>;
  readonly deployments: readonly string[];
}

const apiVersion = '2024-10-01';
const subscription = '00000000-0000-0000-0000-000000000001';

/** ARM path of a workspace as the tests' policies name them. */
export function workspacePath(alias: string): string {
  return `/subscriptions/${subscription}/resourceGroups/mlops-${alias}/providers/Microsoft.MachineLearningServices/workspaces/mlops-${alias}`;
}

function registryAddress(registry: string, path: string): string {
  return `/subscriptions/${subscription}/resourceGroups/mlops-dev/providers/Microsoft.MachineLearningServices/registries/${registry}/${path}?api-version=${apiVersion}`;
}

/** What operators, and Azure's moods, do to the emulator; and what it was asked for. */
export class AzureControl {
  constructor(private readonly machine: Pick<Machine, 'addresses'>) {}

  async requests(since = 0): Promise<AzureRequest[]> {
    const { value } = (await this.call('GET', `/_emulator/requests?since=${since}`)) as {
      value: AzureRequest[];
    };
    return value;
  }

  /** `seq` of the latest request, for `requests(since)`. */
  async now(): Promise<number> {
    return (await this.requests()).at(-1)?.seq ?? 0;
  }

  /** PUTs whose path ends in `/{type}/{name}`. */
  async puts(type: string, since = 0): Promise<AzureRequest[]> {
    const resource = new RegExp(`/${type}/[^/]+$`);
    const all = await this.requests(since);
    return all.filter(({ method, path }) => method === 'PUT' && resource.test(path));
  }

  /** Without numbers: no limit. */
  async quota(instanceType: string, instances?: number): Promise<void> {
    await this.call('POST', '/_emulator/quota', {
      instanceType,
      ...(instances !== undefined && { instances }),
    });
  }

  async fault(fault: Fault): Promise<void> {
    await this.call('POST', '/_emulator/faults', fault);
  }

  /** What is still to strike. */
  async faults(): Promise<unknown[]> {
    const { value } = (await this.call('GET', '/_emulator/faults')) as { value: unknown[] };
    return value;
  }

  async clearFaults(): Promise<void> {
    await this.call('DELETE', '/_emulator/faults');
  }

  /** A resource of a workspace, e.g. `jobs/x`. `undefined` when there is none. */
  async get<T>(workspace: string, path: string): Promise<T | undefined> {
    const query = `?api-version=${apiVersion}`;
    return (await this.call('GET', `${workspacePath(workspace)}/${path}${query}`)) as T | undefined;
  }

  async put(workspace: string, path: string, body: object): Promise<void> {
    await this.call('PUT', `${workspacePath(workspace)}/${path}?api-version=${apiVersion}`, body);
  }

  /** An asset of a registry of the resource group `mlops-dev`, e.g. `models/m/versions/1`. */
  async registry<T>(registry: string, path: string): Promise<T | undefined> {
    return (await this.call('GET', registryAddress(registry, path))) as T | undefined;
  }

  async putRegistry(registry: string, path: string, body: object): Promise<void> {
    await this.call('PUT', registryAddress(registry, path), body);
  }

  /** Traffic and deployments of an online endpoint; empty where there is none. */
  async endpoint(workspace: string, name: string): Promise<EndpointView> {
    const path = `onlineEndpoints/${name}`;
    const endpoint = await this.get<{ properties: { traffic?: Record<string, number> } }>(workspace, path);
    const deployments = await this.get<{ value: { name: string }[] }>(workspace, `${path}/deployments`);
    const traffic = Object.entries(endpoint?.properties.traffic ?? {}).filter(([, percent]) => percent > 0);
    return {
      traffic: Object.fromEntries(traffic),
      deployments: (deployments?.value ?? []).map((deployment) => deployment.name).sort(),
    };
  }

  /** GitHub's API as the worker reads it. */
  async github<T>(path: string): Promise<T> {
    return (await this.call('GET', `/github/${path}`, undefined, 'worker-token')) as T;
  }

  private async call(method: string, path: string, body?: unknown, token = 'local'): Promise<unknown> {
    const response = await fetch(`${this.machine.addresses.emulator}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
