import type { Client } from '@temporalio/client';
import type { SetupInput, SetupResult } from '../../src/workflows/messages.js';
import type { Repository } from './github.js';

/** What a platform team does once for a project: creates its Azure resources. */
export async function setUp(
  client: Client,
  project: string,
  { owner, name }: Repository,
  commit: string,
  timing: NonNullable<SetupInput['timing']>,
  path = '.',
): Promise<SetupResult> {
  const source = { repository: `${owner}/${name}`, commit, ref: 'refs/heads/main', path };
  return await client.workflow.execute<(input: SetupInput) => Promise<SetupResult>>('setup', {
    workflowId: `mlops/${owner}.${name}/${project}/setup/apply`,
    taskQueue: 'mlops',
    args: [{ source, project, mode: 'apply', timing }],
  });
}
