import { createHash, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import { nameOf, workspaceIdOf } from '../ids.js';
import type { Environments } from '../runner/environments.js';
import { assemble, instanceEnv } from './assemble.js';
import type { Launch } from './assemble.js';
import { Instance } from './instance.js';
import type { StartResult } from './instance.js';
import type { LogFile } from './log-tail.js';
import { startAllowance } from './probe.js';
import { Slots } from './slots.js';
import type { DeploymentSpec } from './spec.js';

/** What one instance does. */
export interface InstanceState {
  readonly id: string;
  /** Whether its probes let it have requests. */
  readonly ready: boolean;
  /** Requests that it answers at the moment. */
  readonly inFlight: number;
}

/** The running instances of one version of a deployment. */
export interface InstanceGroup {
  readonly spec: DeploymentSpec;
  readonly launch: Launch;
  readonly slots: Slots;
  states(): InstanceState[];
  /** Lets the requests that it has come to their end, and ends the processes. */
  stop(): Promise<void>;
}

/** Short, stable folder and instance name of an ARM id. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text.toLowerCase()).digest('hex').slice(0, 16);
}

/**
 * Prepares a deployment below `root` and starts its instances side by side; rejects with `ResourceNotReady` and the
 * end of the container log when one of them does not become healthy, or is aborted by `signal` meanwhile.
 */
export async function startGroup(
  ctx: EmulatorContext,
  environments: Environments,
  spec: DeploymentSpec,
  root: string,
  log: LogFile,
  signal: AbortSignal,
): Promise<InstanceGroup> {
  const onLine = (line: string) => {
    log.add(line);
    // It may be that an instance is ready now, or no longer.
    ctx.store.changes.tell({ collection: 'instances', key: spec.id });
  };
  const removeRoot = () => rm(root, { recursive: true, force: true, maxRetries: 5 });
  const launch = await assemble(ctx, environments, spec, root, onLine).catch(async (error: unknown) => {
    await removeRoot();
    throw error;
  });
  const onReady = () => {
    slots.serve();
  };
  const instances = Array.from({ length: spec.instances }, (_, at) =>
    createInstance(spec, launch, `${spec.name}-${shortHash(root).slice(0, 8)}-${at}`, { onLine, onReady }),
  );
  const slots = new Slots(instances, spec.maxConcurrentPerInstance);
  const stop = async () => {
    await Promise.all(instances.map((instance) => instance.stop()));
    await removeRoot();
  };
  signal.throwIfAborted();
  const onAbort = () => void stop();
  signal.addEventListener('abort', onAbort);
  const results = await Promise.all(instances.map((instance) => instance.start()));
  signal.removeEventListener('abort', onAbort);
  const bad = results.find((result) => result !== 'healthy');
  if (bad !== undefined) {
    await stop();
    throw await notReady(bad, spec, log);
  }
  return {
    spec,
    launch,
    slots,
    states: () => instances.map(({ id, ready, inFlight }) => ({ id, ready, inFlight })),
    async stop() {
      const patience = Date.now() + spec.requestTimeoutMs;
      // Also those that have looked it up and not yet got in line.
      do await sleep(10);
      while (slots.busy > 0 && Date.now() < patience && !signal.aborted);
      slots.close(new Error('the deployment was taken away'));
      await stop();
    },
  };
}

function createInstance(
  spec: DeploymentSpec,
  launch: Launch,
  id: string,
  hooks: { readonly onLine: (line: string) => void; readonly onReady: () => void },
): Instance {
  return new Instance({
    id,
    python: launch.python,
    entryScript: launch.entryScript,
    modelDir: launch.model?.dir,
    cwd: launch.appRoot,
    env: instanceEnv(spec, launch, id, { name: nameOf(workspaceIdOf(spec.id) ?? '') }),
    liveness: spec.liveness,
    readiness: spec.readiness,
    ...hooks,
  });
}

async function notReady(result: StartResult, spec: DeploymentSpec, log: LogFile): Promise<AzureError> {
  const allowed = startAllowance(spec.liveness, spec.readiness) / 1000;
  const why =
    result === 'timeout'
      ? `its health route did not answer within ${allowed} s, as its probes allow`
      : 'the container ended while it started: its init() failed';
  const tail = await log.tail(40);
  return new AzureError(
    400,
    'ResourceNotReady',
    `User container has crashed or terminated: ${why}. Deployment ${spec.name} of endpoint ${spec.endpointName}. The end of its log:\n${tail}`,
  );
}

/** Where a deployment keeps its files: a new folder for each start, so that a replacement never touches a live one. */
export function groupRoot(ctx: EmulatorContext, deploymentId: string): string {
  return join(ctx.dataDir, 'scoring', shortHash(deploymentId), randomUUID());
}
