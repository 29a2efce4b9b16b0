import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
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
  readonly worker?: Partial<WorkerOptions>;
}

/** One test's own queue, repository, endpoints and fakes on the shared server. */
export interface Stage {
  readonly client: Client;
  readonly taskQueue: string;
  readonly scope: string;
  readonly repository: string;
  readonly timing: Timing;
  readonly fakes: Fakes;
  /** Ends the worker, then starts another one that knows nothing. */
  replaceWorker(): Promise<void>;
}

export interface Lab {
  readonly server: TemporalServer;
  readonly client: Client;
  stage(scenario?: Scenario): Promise<Stage>;
  /** Ends what a test left behind: its worker and its workflows. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** One server, one bundle and one connection for a test file. */
export async function startLab(options: { attributes?: boolean } = {}): Promise<Lab> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const [server, workflowBundle] = await Promise.all([startTemporalServer(options), bundleWorkflows()]);
  const { address } = server;
  const client = new Client({ connection: await Connection.connect({ address }) });
  const connection = await NativeConnection.connect({ address });
  const stages: (() => Promise<void>)[] = [];
  const clear = async (): Promise<void> => {
    await Promise.all(stages.splice(0).map((end) => end()));
  };
  return {
    server,
    client,
    clear,
    async stage({ worker, activities, endpointInput, loaded, ...scenario } = {}) {
      const id = randomUUID().slice(0, 8);
      const taskQueue = `test-${id}`;
      const fakes = okActivities(
        {
          client,
          taskQueue,
          scope: id,
          project: scenario.project ?? project(),
          ...(loaded !== undefined && { loaded }),
          ...(endpointInput !== undefined && { endpointInput }),
        },
        activities,
      );
      const start = async (): Promise<() => Promise<void>> => {
        const made = await Worker.create({
          connection,
          taskQueue,
          workflowBundle,
          activities: fakes.activities,
          shutdownGraceTime: '2s',
          shutdownForceTime: '10s',
          workflowThreadPoolSize: 1,
          ...worker,
        });
        const ended = made.run();
        return async () => {
          made.shutdown();
          await ended;
        };
      };
      let end = await start();
      stages.push(async () => {
        await end();
        await terminateAll(client, taskQueue);
      });
      return {
        client,
        taskQueue,
        scope: id,
        repository: `acme/${id}`,
        timing: { ...quickTiming, ...scenario.timing },
        fakes,
        async replaceWorker() {
          await end();
          end = await start();
        },
      };
    },
    async stop() {
      await clear();
      await client.connection.close();
      await connection.close();
      await server.stop();
    },
  };
}

async function terminateAll(client: Client, taskQueue: string): Promise<void> {
  const running = client.workflow.list({
    query: `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`,
  });
  for await (const { workflowId } of running) {
    const handle: WorkflowHandle = client.workflow.getHandle(workflowId);
    await handle.terminate('the test is over').catch(() => undefined);
  }
}
