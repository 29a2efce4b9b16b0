import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { LoadedProject } from '../../src/activities/contract.js';
import { timeForFloods } from '../../src/temporal/limits.js';
import type { Project } from '../../src/domain/project.js';
import type { Timing } from '../../src/domain/timing.js';
import type { EndpointInput } from '../../src/workflows/messages.js';
import { type Fakes, okActivities, type Overrides } from './fake-activities.js';
import { startTemporalServer, type TemporalServer } from './temporal-server.js';
import { project, quickTiming } from './workflow-projects.js';

const sources = join(import.meta.dirname, '../../src/workflows');

/** The workflows as a worker runs them, from their sources. */
export function bundleWorkflows(
  workflowsPath = join(sources, 'index.ts'),
): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath,
    payloadConverterPath: join(sources, 'payload-converter.ts'),
    logger: new DefaultLogger('WARN'),
  });
}

export interface Scenario {
  readonly project?: Project;
  readonly activities?: Overrides;
  readonly timing?: Partial<Timing>;
  readonly loaded?: Partial<LoadedProject>;
  readonly endpointInput?: Partial<EndpointInput>;
  /** Part of every workflow id of this test; default: random. */
  readonly scope?: string;
}

/** One test's own repository, endpoints and fakes. */
export interface Stage {
  readonly client: Client;
  readonly taskQueue: string;
  /** Part of every workflow id of this test. */
  readonly scope: string;
  readonly repository: string;
  readonly timing: Timing;
  readonly fakes: Fakes;
}

export interface Lab {
  readonly server: Pick<TemporalServer, 'address' | 'stop'>;
  readonly client: Client;
  stage(scenario?: Scenario): Stage;
  /** Ends the worker, then starts another one that knows nothing. */
  replaceWorker(): Promise<void>;
  /** Leaves the task queue to others while `work` runs. */
  withoutWorker<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export interface LabOptions {
  /** Whether the namespace knows the project's search attributes. */
  readonly attributes?: boolean;
  readonly worker?: Partial<WorkerOptions>;
  /** A server that is there already, and what its worker is let in by; default: a development server. */
  readonly at?: {
    readonly server: Pick<TemporalServer, 'address' | 'stop'>;
    readonly metadata: Record<string, string>;
  };
}

/** One server, one bundle and one worker for a test file, whose tests may run side by side. */
export async function startLab({ attributes = true, worker = {}, at }: LabOptions = {}): Promise<Lab> {
  quieten();
  const [server, workflowBundle] = await Promise.all([
    at?.server ?? startTemporalServer({ attributes }),
    bundleWorkflows(),
  ]);
  const place = { address: server.address, tls: false, ...(at !== undefined && { metadata: at.metadata }) };
  const client = new Client({ connection: await Connection.connect(place) });
  const connection = await NativeConnection.connect(place);
  const taskQueue = 'test';
  const stages = new Map<string, Fakes>();
  const start = async (): Promise<() => Promise<void>> => {
    const made = await Worker.create({
      connection,
      taskQueue,
      workflowBundle,
      activities: dispatching(stages),
      shutdownGraceTime: '2s',
      shutdownForceTime: '10s',
      ...timeForFloods,
      ...worker,
    });
    const ended = made.run();
    return async () => {
      made.shutdown();
      await ended;
    };
  };
  let end = await start();
  return {
    server,
    client,
    stage({
      activities,
      endpointInput,
      loaded,
      timing,
      project: spec = project(),
      scope = randomUUID().slice(0, 8),
    } = {}) {
      const world = {
        ...{ client, taskQueue, scope, project: spec },
        ...(loaded !== undefined && { loaded }),
        ...(endpointInput !== undefined && { endpointInput }),
      };
      const fakes = okActivities(world, activities);
      stages.set(scope, fakes);
      return {
        ...{ client, taskQueue, scope, fakes },
        repository: `acme/${scope}`,
        timing: { ...quickTiming, ...timing },
      };
    },
    async replaceWorker() {
      await end();
      end = await start();
    },
    async withoutWorker(work) {
      await end();
      try {
        return await work();
      } finally {
        end = await start();
      }
    },
    async stop() {
      await end();
      await client.connection.close();
      await connection.close();
      await server.stop();
    },
  };
}

let quiet = false;

/** The runtime is one for the process, the labs of a file share it. */
function quieten(): void {
  if (!quiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  quiet = true;
}

/** Hands each call to the fakes of the test whose workflow asks. */
function dispatching(stages: ReadonlyMap<string, Fakes>): object {
  return {
    // The SDK calls this one for every name that it does not know.
    default: async (input: never): Promise<unknown> => {
      const { workflowExecution, activityType } = activityInfo();
      const workflowId = workflowExecution?.workflowId ?? '';
      const [, fakes] = [...stages].find(([scope]) => workflowId.includes(scope)) ?? [];
      if (fakes === undefined) throw new Error(`no test owns ${workflowId}`);
      const { activities } = fakes;
      return await activities[activityType as keyof typeof activities](input);
    },
  };
}
