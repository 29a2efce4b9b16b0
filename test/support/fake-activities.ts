import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities, LoadedProject } from '../../src/activities/contract.js';
import type { Dependencies } from '../../src/activities/dependencies.js';
import { endpointActivities } from '../../src/activities/endpoints.js';
import { canonicalJson } from '../../src/domain/canonical.js';
import { lifecycleId } from '../../src/domain/keys.js';
import type { FinishedCandidate } from '../../src/domain/evaluation.js';
import type { Project } from '../../src/domain/project.js';
import { type EndpointInput, messages, workflowTypes } from '../../src/workflows/messages.js';
import { FakeAzure } from './fake-azure.js';

export interface Call {
  readonly name: keyof Activities;
  readonly input: unknown;
}

export interface FakeWorld {
  readonly client: Client;
  readonly taskQueue: string;
  /** Tells one test's endpoints from another's. */
  readonly scope: string;
  readonly project: Project;
  readonly loaded?: Partial<LoadedProject>;
  readonly endpointInput?: Partial<EndpointInput>;
}

export interface Fakes {
  readonly activities: Activities;
  readonly azure: FakeAzure;
  readonly calls: readonly Call[];
  /** Inputs of one activity's calls, in order. */
  of<K extends keyof Activities>(name: K): Parameters<Activities[K]>[0][];
}

export type Overrides = Partial<Activities> | ((ok: Activities) => Partial<Activities>);

export function endpointWorkflowId(scope: string, environment: string): string {
  return `mlops/endpoint/${scope}/${environment}`;
}

/** Activities of a world in which everything goes well, spread with what a test wants to go otherwise; calls are kept. */
export function okActivities(world: FakeWorld, overrides: Overrides = {}): Fakes {
  const azure = new FakeAzure();
  const ok: Activities = { ...defaults(world), ...azure.activities };
  const chosen = { ...ok, ...(typeof overrides === 'function' ? overrides(ok) : overrides) };
  if (chosen.proveSteering === ok.proveSteering)
    chosen.proveSteering = ({ messages, ...at }) =>
      Promise.all(messages.map((message) => chosen.verifySteering({ ...at, ...message })));
  const calls: Call[] = [];
  const recorded = Object.fromEntries(
    Object.entries(chosen).map(([name, run]): [string, unknown] => [
      name,
      async (input: never) => {
        calls.push({ name: name as keyof Activities, input });
        return await (run as (input: never) => Promise<unknown>)(input);
      },
    ]),
  ) as unknown as Activities;
  const of = <K extends keyof Activities>(name: K): Parameters<Activities[K]>[0][] =>
    calls.filter((call) => call.name === name).map(({ input }) => input as Parameters<Activities[K]>[0]);
  return { activities: recorded, azure, calls, of };
}

/** A failure with the tag that the real activities would give it. */
export function failure(type: string, message: string): ApplicationFailure {
  const retried = type === 'Outage' || type === 'NotYet';
  return retried
    ? ApplicationFailure.create({ type, message, nextRetryDelay: 50 })
    : ApplicationFailure.nonRetryable(message, type);
}

type Ours = Omit<Activities, keyof FakeAzure['activities']>;

function defaults(world: FakeWorld): Ours {
  return { ...aboutProjects(world), ...aboutEndpoints(world), ...aboutTraining(), ...aboutPeople() };
}

function aboutProjects({ project, taskQueue, scope, loaded }: FakeWorld) {
  const workspaces = [project.workspace, ...project.environments.map(({ workspace }) => workspace)];
  return {
    loadProject: ({ reach }) =>
      Promise.resolve({
        project,
        reach: reach ?? 'production',
        setup: 'check',
        queues: Object.fromEntries(workspaces.map((workspace) => [workspace, taskQueue])),
        endpoints: Object.fromEntries(
          project.environments.map(({ name, workspace, batch }) => [
            name,
            {
              workspace,
              endpoint: name,
              ...(batch !== undefined && { kind: 'batch' }),
              workflowId: endpointWorkflowId(scope, name),
              scheduleId: `mlops/monitor/${scope}/${name}`,
            },
          ]),
        ),
        branch: 'main',
        notes: [],
        ...loaded,
      }),
    planSetup: ({ workspace }) =>
      Promise.resolve({ items: [{ workspace, kind: 'compute', name: 'cpu', change: 'none', detail: [] }] }),
    applySetupItem: () => Promise.resolve(null),
    lookAtOperation: () => Promise.resolve(),
    lookForPushes: () => Promise.resolve({ seen: {}, started: [], problems: [] }),
    supersedeOlder: () => Promise.resolve([]),
    removeMonitor: () => Promise.resolve(false),
    upsertMonitor: ({ target }) => Promise.resolve({ scheduleId: target.scheduleId }),
    startRetraining: ({ project: name, source, scheduledAt }) =>
      Promise.resolve({ lifecycleId: lifecycleId(name, source, `retrain/${scheduledAt}`) }),
    // Commits of these tests are numbered: `1111…` is an ancestor of `2222…`.
    compareCommits: ({ a, b }) => Promise.resolve(a < b ? -1 : a > b ? 1 : 0),
  } satisfies Partial<Activities>;
}

/** As the real ones: they talk to the server. */
function aboutEndpoints({ client, taskQueue, endpointInput }: FakeWorld) {
  return {
    requestRelease: async ({ release, target, timing }) => {
      await client.workflow.signalWithStart(workflowTypes.endpoint, {
        workflowId: target.workflowId,
        taskQueue,
        args: [
          {
            workspace: target.workspace,
            endpoint: target.endpoint,
            taskQueue,
            timing,
            ...endpointInput,
          } satisfies EndpointInput,
        ],
        signal: messages.request,
        signalArgs: [release],
      });
    },
    askEndpoint: endpointActivities({ temporal: client } as Dependencies).askEndpoint,
  } satisfies Partial<Activities>;
}

export function finished(
  candidate: string,
  job: string,
  more: Partial<FinishedCandidate> = {},
): FinishedCandidate {
  return {
    kind: 'finished',
    candidate,
    job,
    reused: false,
    metrics: { AUC: candidate === 'boosted' ? 0.9 : 0.8, accuracy: 0.8 },
    model: { type: 'mlflow_model', path: 'outputs/model' },
    codeHash: 'c0de',
    data: { train: 'diabetes-train:1' },
    seconds: 5,
    link: `https://studio.example/${job}`,
    ...more,
  };
}

/** A run that logged metrics and no model. */
export function withoutModel(candidate: string, job: string): FinishedCandidate {
  const { kind, reused, metrics, codeHash, data, seconds, link } = finished(candidate, job);
  return { kind, candidate, job, reused, metrics, codeHash, data, seconds, link };
}

function aboutTraining() {
  const submitted = (job: string) =>
    ({
      job,
      workspace: 'dev',
      state: 'created',
      codeHash: 'c0de',
      data: { train: 'diabetes-train:1' },
      link: `https://studio.example/${job}`,
    }) as const;
  return {
    submitJob: ({ candidate, attempt }) => Promise.resolve(submitted(`${candidate}-${attempt}`)),
    submitPrepare: ({ attempt }) => Promise.resolve(submitted(`prepare-${attempt}`)),
    jobDataOutputs: () => Promise.resolve({ 'diabetes-train': '2' }),
    validateData: () => Promise.resolve({ ok: true, findings: [] }),
    jobRunningMs: () => Promise.resolve(null),
    cancelJob: () => Promise.resolve(),
    lookAtJob: () => Promise.resolve({ status: 'Completed', seconds: 5 }),
    evaluateCandidate: ({ candidate, submitted: { job } }) => Promise.resolve(finished(candidate, job)),
    submitEvaluation: ({ candidate, attempt }) =>
      Promise.resolve({ ...submitted(`${candidate}-${attempt}`), data: { test: 'diabetes-test:1' } }),
    readEvaluation: ({ submitted: { job, link, data } }) =>
      Promise.resolve({ job, link, data, metrics: { AUC: job.includes('champion') ? 0.82 : 0.86 } }),
    measureGain: () =>
      Promise.resolve({
        gain: { value: 0.04, low: 0.01, high: 0.07, confidence: 0.95, rows: 1_000, resamples: 2_000 },
      }),
    submitPackageCheck: ({ candidate, attempt }) =>
      Promise.resolve(submitted(`package-${candidate}-${attempt}`)),
    readPackageCheck: ({ submitted: { job, link }, end }) =>
      Promise.resolve(
        end.status === 'Completed'
          ? { job, link, python: '3.11.9', packages: 12, sample: true, signature: true, rows: 3 }
          : { problem: `job ${job} failed` },
      ),
    compareSignatures: () => Promise.resolve({}),
    championOf: () => Promise.resolve(null),
    writeEvaluationReport: () => Promise.resolve({ report: 'mlops/diabetes/report.html' }),
    writeRecord: () => Promise.resolve({ path: 'mlops/diabetes/record.json' }),
    submitAnalysis: ({ endpoint, atMs, attempt }) =>
      Promise.resolve({
        ...submitted(`monitor-${endpoint}-${atMs}-${attempt}`),
        limits: { queueMs: 60_000, runMs: 60_000 },
      }),
    analyseDrift: () =>
      Promise.resolve({ verdict: 'ok', summary: 'nothing drifted', findings: [], onBreach: 'notify' }),
  } satisfies Partial<Activities>;
}

function aboutPeople() {
  return {
    // Whoever a signal claims to be is believed here; proving it is the real activity's work.
    verifyDecisions: ({ decisions }) =>
      Promise.resolve(
        decisions.map((decision) => ({
          ...decision,
          proof: {
            by: 'github',
            person: decision.claimedBy ?? 'octocat',
            allowed: decision.claimedBy !== 'mallory',
            isAuthor: false,
          },
        })),
      ),
    trafficOpensAt: () => Promise.resolve(Date.now()),
    verifySteering: ({ action, nth }) =>
      Promise.resolve({ allowed: true, by: 'octocat', verified: 'github', id: `signal/${action}/${nth}` }),
    proveSteering: () => Promise.resolve([]),
    obeyComment: () => Promise.resolve({ by: 'somebody', problem: 'it names no comment' }),
    collectEvidence: ({ release, runId, steering }) => {
      const { project, environment, model } = release;
      const evidence = {
        project,
        environment,
        commit: release.source.commit,
        model: { name: model.name, version: model.version, hash: 'aa' },
        codeHash: 'c0de',
        data: {},
        metrics: { AUC: 0.9 },
        target: { endpoint: environment, deployment: 'd-1', deploymentHash: 'bb' },
        rollout: '100 %',
        ...(steering !== undefined && { steering }),
      };
      const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
      const digest = sha256(canonicalJson(evidence));
      return Promise.resolve({ digest, code: sha256(runId + digest).slice(0, 12), evidence });
    },
    report: () => Promise.resolve(),
    announceApproval: () => Promise.resolve(),
    reportRelease: () => Promise.resolve(),
    reportPlan: () => Promise.resolve(),
  } satisfies Partial<Activities>;
}
