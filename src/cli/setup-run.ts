import { type SetupInput, type SetupResult, workflowTypes } from '../workflows/messages.js';
import { failed, reasonOf } from './failures.js';
import type { Source } from './source.js';
import type { Temporal } from './temporal.js';

/**
 * Runs the setup workflow and waits for it; a second call of the same kind joins the one that runs.
 * @throws CliError with the reason when it fails. Nothing parks: somebody sits there and waits
 */
export async function runSetup(
  { client }: Temporal,
  { source, project }: Source,
  mode: 'plan' | 'apply',
  taskQueue: string,
): Promise<SetupResult> {
  const { WorkflowFailedError } = await import('@temporalio/client');
  const workflowId = `mlops/${source.repository.replace('/', '.')}/${project}/setup/${mode}`;
  const input: SetupInput = { source, project, mode, timing: { blockedForMs: 0 } };
  const handle = await client.workflow.start(workflowTypes.setup, {
    workflowId,
    taskQueue,
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `${project} · setup · ${mode}`,
  });
  try {
    return (await handle.result()) as SetupResult;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    throw failed(`setup of ${project}: ${reasonOf(error)}`);
  }
}

/** What a setup made, or would make. */
export function setupText({ created, updated, unchanged }: SetupResult, mode: 'plan' | 'apply'): string {
  const [create, update] = mode === 'plan' ? ['would create', 'would update'] : ['created', 'updated'];
  return [
    ...created.map((what) => `  + ${create} ${what}`),
    ...updated.map((what) => `  ~ ${update} ${what}`),
    `  ${unchanged} unchanged`,
  ].join('\n');
}
