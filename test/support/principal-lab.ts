import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { answersIn } from '../../src/activities/answers.js';
import { ownRun, prove } from '../../src/activities/approvals.js';
import type { Dependencies } from '../../src/activities/dependencies.js';
import { toFailure } from '../../src/activities/errors.js';
import { requireApproval } from '../../src/activities/guard.js';
import { judgeTogether } from '../../src/activities/steering.js';
import type { ApprovalRule, RolloutStep } from '../../src/domain/project.js';
import { startGitHub, repository, type TestGitHub } from './github.js';
import { type SecuredServer, startSecuredServer } from './secured-server.js';
import { live } from './live-endpoint.js';
import { push } from './workflow-driving.js';
import { bundleWorkflows, type Lab, type Stage, startLab } from './workflow-lab.js';
import { environment, onePerson, straightTo } from './workflow-projects.js';

/** Workflows on a server with an authorizer. Who approved is proven by the real code; Azure alone is a fake. */
export interface PrincipalLab {
  readonly server: SecuredServer;
  readonly lab: Lab;
  readonly github: TestGitHub;
  /** A lifecycle that waits for an approval. `author` wrote its commit. */
  asking(options?: Asking): Promise<Asked>;
  /** An endpoint that one operator may steer. */
  steered(operator: string, steps: readonly RolloutStep[]): Stage;
  /** Has a workflow send a signal, so often. */
  forward(workflowId: string, signal: string, times: number): Promise<void>;
  stop(): Promise<void>;
}

export interface Asking {
  readonly rule?: Partial<ApprovalRule>;
  readonly author?: string;
  /** The worker proves nothing before this. */
  readonly hold?: Promise<void>;
}

export interface Asked {
  readonly stage: Stage;
  readonly handle: WorkflowHandle;
}

export const approvers = ['alice@example.com', 'carol@example.com'];

export async function startPrincipalLab(): Promise<PrincipalLab> {
  const [server, github] = await Promise.all([startSecuredServer(), startGitHub()]);
  const lab = await startLab({
    at: { server, metadata: await server.metadata(server.workerName) },
    // A workflow that is left to somebody else must not wait for a worker that is gone.
    worker: { stickyQueueScheduleToStartTimeout: '1s' },
  });
  const deps = {
    temporal: lab.client,
    github: github.app,
    workers: [server.workerName],
    loopback: false,
    allowUnverified: false,
  } as unknown as Dependencies;
  const endForwarder = await startForwarder(server);
  let commits = 0;
  return {
    ...{ server, lab, github },
    async asking({ rule: changes, author = 'will@example.com', hold } = {}) {
      const rule: ApprovalRule = { ...onePerson, approvers, verify: ['principal'], ...changes };
      const commit = await github.push({ change: String((commits += 1)) }, { email: author });
      const stage = lab.stage({
        scope: commit.slice(0, 12),
        project: straightTo(environment('production', { approval: rule })),
        activities: (ok) => ({
          async verifyDecisions({ decisions: [first], ...input }) {
            await hold;
            return await prove(deps, input, rule, answersIn(await ownRun(deps), first?.code ?? ''), input);
          },
          async beginTraffic(change) {
            const { release } = change;
            if (release !== undefined) {
              const { code } = await ok.collectEvidence({ release, runId: release.lifecycleRunId });
              await requireApproval(deps, release, rule, code, undefined).catch((error: unknown) => {
                throw toFailure(error);
              });
            }
            return await ok.beginTraffic(change);
          },
        }),
      });
      return { stage, handle: await push(stage, { source: { repository, commit } }) };
    },
    steered: (operator, steps) =>
      live(lab, steps, {
        activities: {
          async proveSteering({ messages, ...at }) {
            return await judgeTogether(deps, at, [operator], messages, await ownRun(deps));
          },
        },
      }),
    async forward(...args) {
      await lab.client.workflow.execute('forward', { workflowId: randomUUID(), taskQueue: forwarder, args });
    },
    async stop() {
      await endForwarder();
      await lab.stop();
      await github.stop();
    },
  };
}

const forwarder = 'forwarders';

async function startForwarder(server: SecuredServer): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({
    address: server.address,
    tls: false,
    metadata: await server.metadata(server.workerName),
  });
  const workflowBundle = await bundleWorkflows(join(import.meta.dirname, 'principal-workflows.ts'));
  const worker = await Worker.create({ connection, taskQueue: forwarder, workflowBundle });
  const ended = worker.run();
  return async () => {
    worker.shutdown();
    await ended;
    await connection.close();
  };
}
