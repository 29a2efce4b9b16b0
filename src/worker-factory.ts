import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { type Activities, createActivities, type Dependencies } from './activities/index.js';
import { azureClients, gitHubOf, loadPolicy } from './connections.js';
import type { Policy } from './domain/policy.js';
import { prune } from './github/index.js';
import { isLoopback, type Settings, SettingsError } from './settings.js';
import { timeForFloods } from './temporal/limits.js';
import { schedulePolling } from './temporal/poll-schedule.js';
import { claimsOf, tokenIn } from './temporal/tokens.js';

/** Sources of commits kept on a worker's disk, and how often what is beyond that goes. */
const cacheBytes = 10e9;
const pruneEveryMs = 3_600_000;

/** Log Analytics shows most rows within 20 s to 3 min of their arrival, after the service has sent them. */
const azureLogsDelayMs = 5 * 60_000;

export interface WorkerFactoryOptions {
  readonly settings: Settings;
  /** Absent: the workflows are bundled at start. */
  readonly workflowBundle?: WorkerOptions['workflowBundle'];
}

/** Workers for every task queue of the settings; the first also runs the workflows. */
export interface Workers {
  readonly queues: readonly string[];
  /** Whether operators gave a policy. */
  readonly policy: boolean;
  /** Until a signal (SIGINT, SIGTERM) or `shutdown`. */
  run(): Promise<void>;
  shutdown(): void;
}

/**
 * Connects and makes the workers.
 * @throws SettingsError for what is missing or wrong, naming the setting
 */
export async function createWorkers({ settings, workflowBundle }: WorkerFactoryOptions): Promise<Workers> {
  const policy = await loadPolicy(settings);
  const connection = await connect(settings);
  const { namespace = 'default' } = settings.temporal;
  const temporal = new Client({ connection, namespace });
  const activities = createActivities(await dependencies(settings, policy, temporal));
  const [first, ...others] = settings.MLOPS_TASK_QUEUES;
  if (settings.MLOPS_POLL !== undefined)
    await schedulePolling(temporal, first ?? 'mlops', settings.MLOPS_POLL);
  const workers = await Promise.all([
    Worker.create({
      ...shared(connection, namespace, activities),
      ...workflows(workflowBundle),
      taskQueue: first ?? 'mlops',
    }),
    ...others.map((taskQueue) => Worker.create({ ...shared(connection, namespace, activities), taskQueue })),
  ]);
  return {
    queues: settings.MLOPS_TASK_QUEUES,
    policy: policy !== undefined,
    async run() {
      const pruning = pruneRegularly(settings.MLOPS_CACHE);
      try {
        await Promise.all(workers.map((worker) => worker.run()));
      } finally {
        clearInterval(pruning);
        await connection.close();
      }
    },
    shutdown() {
      for (const worker of workers) worker.shutdown();
    },
  };
}

/** Beside the work: what cannot be removed now goes the next time. */
function pruneRegularly(cacheDir: string): NodeJS.Timeout {
  const pruneNow = (): void => {
    prune(cacheDir, { maxBytes: cacheBytes }).catch(() => undefined);
  };
  pruneNow();
  return setInterval(pruneNow, pruneEveryMs).unref();
}

/**
 * A killed worker's workflows wait this long for it before another one takes them; twice that is the SDK's default.
 */
const stickyQueueScheduleToStartTimeout = '5s';

/** The default grace time is 0: an activity in flight would be cut off by every deployment of a worker. */
function shared(
  connection: NativeConnection,
  namespace: string,
  activities: Activities,
): Omit<WorkerOptions, 'taskQueue'> {
  return {
    connection,
    namespace,
    activities,
    shutdownGraceTime: '10s',
    shutdownForceTime: '20s',
    stickyQueueScheduleToStartTimeout,
    ...timeForFloods,
  };
}

function workflows(
  bundle: WorkerOptions['workflowBundle'],
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'dataConverter'> {
  // A bundle made ahead has the payload converter in it.
  if (bundle !== undefined) return { workflowBundle: bundle };
  return {
    workflowsPath: here('./workflows/index.js'),
    dataConverter: { payloadConverterPath: here('./workflows/payload-converter.js') },
  };
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

async function connect({ temporal }: Settings): Promise<NativeConnection> {
  const { address = 'localhost:7233' } = temporal.connectionOptions;
  try {
    return await NativeConnection.connect(temporal.connectionOptions);
  } catch (error) {
    throw new SettingsError(
      `Temporal does not answer at ${address}: ${error instanceof Error ? error.message : String(error)}; set TEMPORAL_ADDRESS (and TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*), or choose a profile with TEMPORAL_PROFILE`,
    );
  }
}

async function dependencies(
  settings: Settings,
  policy: Policy | undefined,
  temporal: Client,
): Promise<Dependencies> {
  const { address = 'localhost:7233' } = settings.temporal.connectionOptions;
  const azureUrl = settings.MLOPS_AZURE_URL;
  return {
    github: await gitHubOf(settings),
    temporal,
    ...(policy !== undefined && { policy }),
    azure: azureClients(settings, process.env),
    cacheDir: settings.MLOPS_CACHE,
    loopback: isLoopback(address) && azureUrl !== undefined && isLoopback(azureUrl),
    logsDelayMs: settings.MLOPS_LOGS_DELAY ?? (settings.MLOPS_LOGS_URL === undefined ? azureLogsDelayMs : 0),
    ...(settings.MLOPS_PROMETHEUS_URL !== undefined && { prometheusUrl: settings.MLOPS_PROMETHEUS_URL }),
    allowUnverified: settings.MLOPS_ALLOW_UNVERIFIED,
    workers: workerPrincipals(settings, policy),
    links: {
      namespace: settings.temporal.namespace ?? 'default',
      ...(settings.MLOPS_TEMPORAL_UI_URL !== undefined && { temporalUi: settings.MLOPS_TEMPORAL_UI_URL }),
    },
  };
}

/** What the policy names, else the `sub` of this worker's own token: that is what a server with JWTs attests it as. */
function workerPrincipals({ temporal }: Settings, policy: Policy | undefined): readonly string[] {
  if (policy?.workers !== undefined) return policy.workers;
  const subject = claimsOf(tokenIn(temporal.connectionOptions))?.subject;
  return subject === undefined ? [] : [subject];
}
