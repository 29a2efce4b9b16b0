import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';

/** A worker that bundles the workflows when it starts, as the SDK's samples do: what the prebuilt bundle is compared with. */
const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
const worker = await Worker.create({
  connection,
  taskQueue: process.env['MLOPS_TASK_QUEUES'] ?? '',
  workflowsPath: fileURLToPath(new URL('../src/workflows/index.js', import.meta.url)),
});
await worker.run();
await connection.close();
