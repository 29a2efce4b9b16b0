import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import { keyOf } from '../ids.js';
import { getResource, resourcesOf } from '../resources.js';
import type { StoredResource } from '../resources.js';
import type { Environments } from '../runner/environments.js';
import { createCollector } from './collector.js';
import { groupRoot, shortHash, startGroup } from './group.js';
import type { InstanceGroup, InstanceState } from './group.js';
import { LogFile } from './log-tail.js';
import { registerInference } from './router.js';
import { rememberServed, servedOf } from './served.js';
import { readDeployment } from './spec.js';
import { createTrafficLog } from './traffic-log.js';

export { scoringUri } from './uri.js';

/** Online deployments as local processes behind one router. */
export interface Scoring {
  /**
   * Starts what the stored deployment asks for and, when it is healthy, puts it in the place of what ran before.
   * Rejects with AzureError (`ResourceNotReady`, `BadArgument`, `ResourceNotFound`, …); what ran before stays.
   */
  deploy(deploymentId: string): Promise<void>;
  remove(deploymentId: string): Promise<void>;
  /** Begins to start again all deployments, those that failed to change as they were before; requests wait for their own. */
  recover(): Promise<void>;
  /** The last `tail` lines of the container log. */
  logs(deploymentId: string, tail: number): Promise<string>;
  /** Gives every line of the container log that comes from now on; returns what ends it. */
  follow(deploymentId: string, onLine: (line: string) => void): () => void;
  /** The instances of a deployment; empty while they start, and when none runs. */
  instances(deploymentId: string): Promise<InstanceState[]>;
  stop(): Promise<void>;
  /** Adds `/inference/…` to the app. */
  register(app: FastifyInstance): void;
}

async function removeGroupFolders(root: string): Promise<void> {
  const deployments = await readdir(root).catch(() => []);
  for (const deployment of deployments) {
    const folders = await readdir(join(root, deployment), { withFileTypes: true });
    for (const folder of folders.filter((entry) => entry.isDirectory()))
      await rm(join(folder.parentPath, folder.name), { recursive: true });
  }
}

const DEPLOYMENT = 'microsoft.machinelearningservices/workspaces/onlineendpoints/deployments';

export function createScoring(ctx: EmulatorContext, environments: Environments): Scoring {
  const groups = new Map<string, Promise<InstanceGroup>>();
  const logFiles = new Map<string, LogFile>();
  const collector = createCollector(ctx);
  const trafficLog = createTrafficLog(ctx.dataDir, ctx.store.changes);
  const stopping = new AbortController();

  function logOf(deploymentId: string): LogFile {
    const path = join(ctx.dataDir, 'scoring', shortHash(deploymentId), 'container.log');
    const known = logFiles.get(path) ?? new LogFile(path);
    logFiles.set(path, known);
    return known;
  }

  async function start(resource: StoredResource): Promise<InstanceGroup> {
    const deploymentId = resource.id;
    await ctx.faults.check('deployment.start');
    const root = groupRoot(ctx, deploymentId);
    await mkdir(root, { recursive: true });
    const spec = readDeployment(resource);
    const { signal } = stopping;
    const group = await startGroup(ctx, environments, spec, root, logOf(deploymentId), signal);
    if (!signal.aborted) return group;
    await group.stop();
    throw new AzureError(409, 'OperationCanceled', 'The emulator is stopping.');
  }

  async function end(group: Promise<InstanceGroup> | undefined): Promise<void> {
    await group?.then(
      (found) => found.stop(),
      () => undefined,
    );
  }

  const scoring: Scoring = {
    async deploy(deploymentId) {
      const key = keyOf(deploymentId);
      const before = groups.get(key);
      const resource = getResource(ctx.store, key);
      if (resource === undefined)
        throw new AzureError(404, 'ResourceNotFound', `The deployment ${deploymentId} was not found.`);
      const group = await start(resource);
      if (getResource(ctx.store, key) === undefined) {
        await group.stop();
        throw new AzureError(409, 'OperationCanceled', `${deploymentId} was deleted while it started.`);
      }
      rememberServed(ctx, resource);
      groups.set(key, Promise.resolve(group));
      await end(before);
    },
    async remove(deploymentId) {
      const key = keyOf(deploymentId);
      const group = groups.get(key);
      groups.delete(key);
      await end(group);
      await collector.flush();
      await rm(join(ctx.dataDir, 'scoring', shortHash(deploymentId)), { recursive: true, force: true });
    },
    async recover() {
      // Processes that used these folders died with the emulator that started them.
      await removeGroupFolders(join(ctx.dataDir, 'scoring'));
      for (const { key, value } of resourcesOf(ctx.store).list('/subscriptions/')) {
        if (value.type.toLowerCase() !== DEPLOYMENT || groups.has(key)) continue;
        const served = servedOf(value);
        if (served === undefined) continue;
        const group = start(served);
        groups.set(key, group);
        group.catch((error: unknown) => {
          ctx.log(`deployment ${value.name} did not start again: ${String(error)}`);
        });
      }
    },
    logs: (deploymentId, tail) => logOf(deploymentId).tail(tail),
    follow: (deploymentId, onLine) => logOf(deploymentId).follow(onLine),
    async instances(deploymentId) {
      const starting = groups.get(keyOf(deploymentId))?.catch(() => undefined);
      const group = await Promise.race([starting, breathe(undefined)]);
      return group?.states() ?? [];
    },
    async stop() {
      stopping.abort(new AzureError(409, 'OperationCanceled', 'The emulator is stopping.'));
      await Promise.all([...groups.values()].map(end));
      groups.clear();
      await collector.stop();
    },
    register(app) {
      registerInference(app, ctx, { groupOf: (id) => groups.get(keyOf(id)), collector, trafficLog });
    },
  };
  return scoring;
}
