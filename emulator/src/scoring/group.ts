import { createHash, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import { nameOf, workspaceIdOf } from '../ids.js';
import type { Environments } from '../runner/environments.js';
import { assemble, instanceEnv } from './assemble.js';
import type { Launch } from './assemble.js';
import { Instance } from './instance.js';
import type { StartResult } from './instance.js';
import type { LogFile } from './log-tail.js';
import type { DeploymentSpec } from './spec.js';

/** The running instances of one version of a deployment. */
export interface InstanceGroup {
  readonly spec: DeploymentSpec;
  readonly launch: Launch;
  /** The healthy instance with the fewest requests; undefined when none is healthy. */
  pick(): Instance | undefined;
  /** Requests in all instances. */
  inFlight(): number;
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
  };
  const removeRoot = () => rm(root, { recursive: true, force: true, maxRetries: 5 });
  const launch = await assemble(ctx, environments, spec, root, onLine).catch(async (error: unknown) => {
    await removeRoot();
    throw error;
  });
  const instances = Array.from({ length: spec.instances }, (_, at) =>
    createInstance(spec, launch, `${spec.name}-${shortHash(root).slice(0, 8)}-${at}`, onLine),
  );
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
    pick: () =>
      instances
        .filter(({ healthy }) => healthy)
        .reduce<Instance | undefined>(
          (best, next) => (best === undefined || next.inFlight < best.inFlight ? next : best),
          undefined,
        ),
    inFlight: () => instances.reduce((sum, { inFlight }) => sum + inFlight, 0),
    stop,
  };
}

function createInstance(
  spec: DeploymentSpec,
  launch: Launch,
  id: string,
  onLine: (line: string) => void,
): Instance {
  return new Instance({
    id,
    python: launch.python,
    entryScript: launch.entryScript,
    modelDir: launch.model?.dir,
    cwd: launch.appRoot,
    env: instanceEnv(spec, launch, id, { name: nameOf(workspaceIdOf(spec.id) ?? '') }),
    startTimeoutMs: spec.startTimeoutMs,
    onLine,
  });
}

async function notReady(result: StartResult, spec: DeploymentSpec, log: LogFile): Promise<AzureError> {
  const why =
    result === 'timeout'
      ? `the liveness route did not answer within ${spec.startTimeoutMs / 1000} s`
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
