import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { compare } from './measure.js';
import { startNode } from './processes.js';
import { startServer } from './server.js';

const prebuilt = fileURLToPath(new URL('../src/worker.js', import.meta.url));
const bundling = fileURLToPath(new URL('worker-bundling.js', import.meta.url));
const LOOK_EVERY_MS = 10;

/** Milliseconds from the start of a worker's process until the server has its first request for workflow tasks. */
async function untilPolling(env: TestWorkflowEnvironment, script: string, queue: string): Promise<number> {
  const began = Date.now();
  const variables = { TEMPORAL_ADDRESS: env.address, MLOPS_TASK_QUEUES: queue };
  const { child, succeeded } = startNode(script, { ...process.env, ...variables });
  const ended = succeeded.then(() => {
    throw new Error(`${script} ended before it asked for work`);
  });
  await Promise.race([polled(env, queue), ended]);
  const took = Date.now() - began;
  child.kill('SIGKILL');
  await succeeded;
  return took;
}

async function polled(env: TestWorkflowEnvironment, queue: string): Promise<void> {
  // Without a type of queue the server describes the one of workflow tasks.
  const request = { namespace: env.namespace ?? 'default', taskQueue: { name: queue } };
  for (;;) {
    const { pollers } = await env.client.workflowService.describeTaskQueue(request);
    if (pollers.length > 0) return;
    await pause(LOOK_EVERY_MS);
  }
}

const env = await startServer();
try {
  await compare(
    'From the start of the process to the first request for work',
    {
      name: 'worker with the prebuilt bundle',
      run: (round) => untilPolling(env, prebuilt, `prebuilt-${round}`),
    },
    {
      name: 'worker that bundles at start',
      run: (round) => untilPolling(env, bundling, `bundling-${round}`),
    },
  );
} finally {
  await env.teardown();
}
