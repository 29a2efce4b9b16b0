import { Client, Connection } from '@temporalio/client';

/** The least that a program can do to start a workflow: what the Action is compared with. Argument: the workflow's id. */
const [workflowId = ''] = process.argv.slice(2);
const connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
await new Client({ connection }).workflow.start('lifecycle', { taskQueue: 'bench', workflowId, args: [] });
await connection.close();
