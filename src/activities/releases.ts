import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ApplicationFailure } from '@temporalio/common';
import {
  type AzureMl,
  beginDeleteDeployment,
  beginPutDeployment,
  beginPutEndpoint,
  beginPutTraffic,
  ensureDiagnostics,
  getDeployment,
  getEndpoint,
  listDeployments,
  prepareEndpoint,
  requestStats,
  resolveInside,
  score,
} from '../azureml/index.js';
import type { RequestRow, TestResult } from '../domain/health.js';
import { type EndpointKind, type EndpointTest, kindOfEndpoint } from '../domain/project.js';
import { stats } from '../domain/rollout.js';
import { TEST_REQUEST } from '../domain/test-requests.js';
import { formatMs } from '../domain/text.js';
import type { Traffic } from '../domain/release.js';
import type { WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { placeOf, plan } from './deployment-plan.js';
import { allowTraffic } from './guard.js';
import { beating } from './heartbeat.js';
import { workTags } from '../domain/tags.js';
import { environmentOf, type OpenProject, openProject } from './projects.js';
import type { Workspaces } from './workspaces.js';

type ReleaseActivities = Pick<
  WorkspaceActivities,
  | 'readEndpoint'
  | 'beginEndpoint'
  | 'planDeployment'
  | 'beginDeployment'
  | 'beginDeleteDeployment'
  | 'testDeployment'
  | 'beginTraffic'
  | 'requestStats'
>;

const inProgress = new Set(['Creating', 'Updating', 'Scaling']);
const testRequests = 20;
const requestTimeoutMs = 60_000;

export function releaseActivities(deps: Dependencies, workspaces: Workspaces): ReleaseActivities {
  return {
    async readEndpoint({ workspace, endpoint, kind }) {
      const ml = workspaces.client(workspace);
      const view = await getEndpoint(ml, endpoint, kind);
      if (view === undefined) return { exists: false, traffic: {}, mirror: {}, deployments: [] };
      const deployments = await listDeployments(ml, endpoint, kind);
      return {
        exists: true,
        traffic: view.traffic,
        mirror: view.mirrorTraffic,
        ...(view.scoringUri !== undefined && { scoringUri: view.scoringUri }),
        deployments: deployments.map(({ name, model, provisioningState: state }) => ({
          name,
          state,
          ...(model !== undefined && { model }),
        })),
      };
    },

    async beginEndpoint({ release, kind: owned = 'online' }) {
      const open = await openProject(deps, release);
      const environment = environmentOf(open, release.environment);
      const kind = kindOfEndpoint(environment);
      const ml = workspaces.client(environment.workspace);
      const { name, body } = await prepareEndpoint(ml, open.files, environment.endpoint, {
        kind,
        tags: workTags(release),
      });
      refuseOtherKind(name, kind, owned);
      const found = await getEndpoint(ml, name, kind);
      if (found === undefined) return await beginPutEndpoint(ml, name, body, kind);
      return inProgress.has(found.provisioningState) ? { resource: found.id, kind: 'put' } : null;
    },

    planDeployment: ({ release }) =>
      beating(async () => {
        const { name, hash, instanceType, instanceCount } = await plan(deps, workspaces, release);
        return { deployment: name, hash, instanceType, instanceCount };
      }),

    beginDeployment: ({ release, deployment }) =>
      beating(async () => {
        const open = await openProject(deps, release);
        const { ml, endpoint, kind } = placeOf(workspaces, open, release);
        const view = await getEndpoint(ml, endpoint, kind);
        // Batch endpoints answer no requests that Log Analytics could hold.
        if (view !== undefined && kind === 'online') await ensureDiagnostics(ml, view.id);
        const found = await getDeployment(ml, endpoint, deployment, kind);
        if (found?.provisioningState === 'Succeeded') return null;
        if (found !== undefined && inProgress.has(found.provisioningState))
          return { resource: found.id, kind: 'put' };
        const prepared = await plan(deps, workspaces, release);
        return await beginPutDeployment(ml, endpoint, prepared.name, prepared.body, kind);
      }),

    async beginDeleteDeployment({ workspace, endpoint, kind, deployment }) {
      return (await beginDeleteDeployment(workspaces.client(workspace), endpoint, deployment, kind)) ?? null;
    },

    testDeployment: ({ release, endpoint, deployment }) =>
      beating(async () => {
        const open = await openProject(deps, release);
        const environment = environmentOf(open, release.environment);
        if (environment.test === undefined) return untested;
        const bodies = await requestBodies(open, environment.test);
        return await test(
          workspaces.client(environment.workspace),
          endpoint,
          deployment,
          bodies,
          environment.test,
        );
      }),

    async beginTraffic({ workspace, endpoint, kind, traffic, mirror, release }) {
      requireWhole(endpoint, traffic);
      const ml = workspaces.client(workspace);
      await allowTraffic(deps, workspaces, {
        ml,
        endpoint,
        kind: kind ?? 'online',
        traffic,
        mirror,
        ...(release !== undefined && { release }),
      });
      return (await beginPutTraffic(ml, endpoint, traffic, mirror, kind)) ?? null;
    },

    async requestStats({ workspace, ...query }) {
      return stats(await requestStats(workspaces.client(workspace), query));
    },
  };
}

/** Azure would take shares that leave requests without an answer only to refuse it later, and not by the sum. */
function requireWhole(endpoint: string, traffic: Traffic): void {
  const sum = Object.values(traffic).reduce((total, percent) => total + percent, 0);
  if (sum === 100 || Object.keys(traffic).length === 0) return;
  throw ApplicationFailure.nonRetryable(
    `traffic of ${endpoint} adds up to ${sum}, it must be 100: ${JSON.stringify(traffic)}`,
    'Rejected',
  );
}

/** Its owner reads and shifts one kind of endpoint for as long as it lives. */
function refuseOtherKind(name: string, kind: EndpointKind, owned: EndpointKind): void {
  if (kind === owned) return;
  throw ApplicationFailure.nonRetryable(
    `mlops.yaml makes ${name} a ${kind} endpoint, and its owner holds the ${owned} endpoint of that name; give the ${kind} endpoint another name`,
    'Rejected',
  );
}

const untested: TestResult = {
  passed: true,
  stats: { requests: 0, errors: 0, errorRate: 0 },
  reasons: ['mlops.yaml names no test requests: only the probes of Azure ML have seen this deployment'],
};

/** A JSON array is several requests, anything else is one. */
async function requestBodies({ files }: OpenProject, { requests }: EndpointTest): Promise<string[]> {
  const text = await readFile(await resolveInside(files, files.dir, requests), 'utf8');
  const parsed: unknown = JSON.parse(text);
  return Array.isArray(parsed) ? parsed.map((body) => JSON.stringify(body)) : [text];
}

/** The first request may pay for a cold model; it must succeed, and its time does not count. */
async function test(
  ml: AzureMl,
  endpoint: string,
  deployment: string,
  bodies: readonly string[],
  { maxP95Ms }: EndpointTest,
): Promise<TestResult> {
  const rows: RequestRow[] = [];
  const failures: string[] = [];
  let sample = '';
  for (let sent = 0; sent <= testRequests; sent += 1) {
    const body = bodies[sent % bodies.length] ?? '{}';
    const clientId = `${TEST_REQUEST}${randomUUID()}`;
    const answer = await score(ml, endpoint, body, { deployment, clientId, timeoutMs: requestTimeoutMs });
    if (sent === 0) sample = answer.body.slice(0, 200);
    if (sent > 0) rows.push({ at: Date.now(), status: answer.status, durationMs: answer.durationMs });
    if (answer.status >= 400) failures.push(`${answer.status}: ${answer.body.slice(0, 200)}`);
    if (failures.length >= 3) break;
  }
  const measured = stats(rows);
  const p95 = measured.p95 ?? 0;
  const slow =
    maxP95Ms !== undefined && p95 > maxP95Ms
      ? [`p95 ${p95.toFixed(0)} ms, allowed are ${formatMs(maxP95Ms)}`]
      : [];
  const reasons = [...new Set(failures), ...slow];
  return { passed: reasons.length === 0, stats: measured, reasons, sample };
}
