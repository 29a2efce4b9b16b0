import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

const POLLED_WITHIN_MS = 2 * 60_000;

/**
 * Health of the worker in this container: it is healthy when Temporal has seen it ask for work lately, on the queue that
 * runs its workflows. Reads the worker's own settings; exit code 0 or 1, with a line that says why.
 */
const queue = (process.env['MLOPS_TASK_QUEUES'] || 'mlops').replace(/,.*/, '').trim();
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);
try {
  // Without a type of queue the server describes the one of workflow tasks.
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: queue },
  });
  // The SDK's identity of a worker is <process id>@<host name>.
  const own = pollers.filter(({ identity }) => identity?.endsWith(`@${hostname()}`));
  const last = Math.max(0, ...own.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000));
  const healthy = Date.now() - last < POLLED_WITHIN_MS;
  console.log(
    healthy
      ? `The worker asks ${queue} for work.`
      : `No worker of ${hostname()} has asked ${queue} of namespace ${namespace} for work lately.`,
  );
  process.exitCode = healthy ? 0 : 1;
} finally {
  await connection.close();
}
