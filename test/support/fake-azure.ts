import { createHash } from 'node:crypto';
import type { EndpointSnapshot, Operation, WorkspaceActivities } from '../../src/activities/contract.js';
import type { RequestStats } from '../../src/domain/health.js';
import type { Release, Traffic } from '../../src/domain/release.js';

interface FakeEndpoint {
  readonly deployments: Set<string>;
  traffic: Traffic;
  mirror: Traffic;
}

export const wellAnswered: RequestStats = { requests: 100, errors: 0, errorRate: 0 };

/** Endpoints in memory, as Azure would hold them: a deployment that serves cannot be deleted, traffic goes to what exists. */
export class FakeAzure {
  private readonly endpoints = new Map<string, FakeEndpoint>();
  private models = 0;

  /** What really serves; throws for an endpoint that was never made. */
  endpoint(name: string): FakeEndpoint {
    const found = this.endpoints.get(name);
    if (found === undefined) throw new Error(`no endpoint ${name}`);
    return found;
  }

  /** An endpoint that something else made. */
  make(name: string, traffic: Traffic): void {
    this.endpoints.set(name, { deployments: new Set(Object.keys(traffic)), traffic, mirror: {} });
  }

  names(): string[] {
    return [...this.endpoints.keys()];
  }

  readonly activities = {
    shareModel: ({ model: { name, version } }) =>
      Promise.resolve({
        id: `azureml://registries/shared/models/${name}/versions/${version}`,
        hash: 'a5'.repeat(32),
      }),
    registerModel: ({ source }) => {
      this.models += 1;
      return Promise.resolve({
        name: 'diabetes',
        version: `${this.models}-${source.commit.slice(0, 4)}`,
        workspace: 'dev',
      });
    },
    findModel: ({ model, version }) => Promise.resolve({ name: model, version, workspace: 'dev' }),
    readEndpoint: ({ endpoint }) => Promise.resolve(this.snapshot(endpoint)),
    adoptDeployment: ({ workspace }) =>
      Promise.resolve({ model: { name: 'handmade', version: '7', workspace }, commit: '' }),
    beginEndpoint: ({ release }) => {
      const name = release.environment;
      if (this.endpoints.has(name)) return Promise.resolve(null);
      this.endpoints.set(name, { deployments: new Set(), traffic: {}, mirror: {} });
      return Promise.resolve(operation(name));
    },
    planDeployment: ({ release }) => {
      const deployment = deploymentOf(release);
      return Promise.resolve({ deployment, hash: 'f00d', instanceType: 'Standard_DS2_v2', instanceCount: 1 });
    },
    beginDeployment: ({ release, deployment }) => {
      this.endpoint(release.environment).deployments.add(deployment);
      return Promise.resolve(operation(deployment));
    },
    beginDeleteDeployment: ({ endpoint, deployment }) => {
      const { deployments, traffic } = this.endpoint(endpoint);
      if ((traffic[deployment] ?? 0) > 0) throw new Error(`${deployment} serves and cannot be deleted`);
      deployments.delete(deployment);
      return Promise.resolve(operation(deployment, 'delete'));
    },
    beginTraffic: ({ endpoint, traffic, mirror }) => {
      const found = this.endpoint(endpoint);
      const unknown = Object.keys({ ...traffic, ...mirror }).filter((name) => !found.deployments.has(name));
      if (unknown.length > 0) throw new Error(`no deployment ${unknown.join(', ')}`);
      Object.assign(found, { traffic, mirror });
      return Promise.resolve(operation(endpoint));
    },
    testDeployment: () =>
      Promise.resolve({ passed: true, stats: { requests: 20, errors: 0, errorRate: 0 }, reasons: [] }),
    strandedEndpoints: () => Promise.resolve([]),
    surveyEndpoint: ({ endpoint }) => {
      const { exists, deployments } = this.snapshot(endpoint);
      return Promise.resolve({
        exists,
        deployments: deployments.map(({ name }) => ({ name, model: { name: 'diabetes', version: name } })),
        callers: [
          { agent: 'webapp/1.0', identity: '', requests: 12, lastAt: Date.parse('2026-11-25T08:00:00Z') },
        ],
      });
    },
    beginRetirement: () => Promise.resolve({ path: 'mlops/endpoints/retired.json' }),
    beginDeleteEndpoint: ({ endpoint }) => {
      if (!this.endpoints.delete(endpoint)) return Promise.resolve(null);
      return Promise.resolve(operation(endpoint, 'delete'));
    },
    finishRetirement: ({ order }) =>
      Promise.resolve({ models: order.models.map(({ name, version }) => `${name}:${version} archived`) }),
    submitBatchTest: ({ deployment, attempt }) =>
      Promise.resolve({
        job: `${deployment}-test${attempt === 0 ? '' : `-${attempt}`}`,
        workspace: 'prod',
        state: 'created' as const,
        codeHash: '',
        data: {},
        link: `https://studio.example/${deployment}`,
        limits: { queueMs: 60_000, runMs: 60_000, setting: 'test.limits' },
      }),
    judgeBatchTest: ({ job }) =>
      Promise.resolve({ passed: true, rows: 8, reasons: [], summary: `8 rows scored by job ${job}` }),
    requestStats: () => Promise.resolve(wellAnswered),
    compareDeployments: ({ champion }) =>
      Promise.resolve({
        challenger: wellAnswered,
        ...(champion !== undefined && { champion: wellAnswered, slower: 0.5, moreErrors: 0.5 }),
      }),
  } satisfies Partial<WorkspaceActivities>;

  private snapshot(name: string): EndpointSnapshot {
    const found = this.endpoints.get(name);
    if (found === undefined) return { exists: false, traffic: {}, mirror: {}, deployments: [] };
    return {
      exists: true,
      traffic: found.traffic,
      mirror: found.mirror,
      scoringUri: `https://${name}.example/score`,
      deployments: [...found.deployments].map((deployment) => ({ name: deployment, state: 'Succeeded' })),
    };
  }
}

/** Names derive from content, so that the same release finds its deployment again. */
export function deploymentOf({ model }: Pick<Release, 'model'>): string {
  return `d-${createHash('sha256').update(`${model.name}:${model.version}`).digest('hex').slice(0, 8)}`;
}

function operation(resource: string, kind: Operation['kind'] = 'put'): Operation {
  return { resource, kind, url: `https://azure.example/operations/${resource}` };
}
