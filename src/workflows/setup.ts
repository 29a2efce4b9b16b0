import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import type { LoadedProject, SetupPlanItem } from '../activities/contract.js';
import { defaultTiming, type Timing } from '../domain/timing.js';
import { awaitOperation } from './awaiting.js';
import { childParking } from './children.js';
import type { SetupInput, SetupResult } from './messages.js';
import { coreActivities, workspaceActivities } from './proxies.js';
import { retrySignal } from './signals.js';

/**
 * The Azure resources that a project needs, in dependency order. `check` blocks on what is missing and names the
 * command for the infrastructure team; `apply` creates it. Running it again changes nothing.
 */
export async function setup(input: SetupInput): Promise<SetupResult> {
  const timing = { ...defaultTiming, ...input.timing };
  const parking = childParking(input.lifecycleId, timing);
  setHandler(
    retrySignal,
    () => {
      parking.wake();
    },
    { description: 'Look again at once at what is blocked.' },
  );

  const loaded = await parking.step('load', () => coreActivities(timing).loadProject(input));
  const workspaces = workspacesOf(loaded);
  const results: SetupResult[] = [];
  for (const workspace of workspaces) {
    const name = `setup of ${workspace}`;
    results.push(await parking.step(name, () => setUpWorkspace(input, loaded, workspace, timing)));
  }
  return {
    created: results.flatMap(({ created }) => created),
    updated: results.flatMap(({ updated }) => updated),
    unchanged: results.reduce((sum, { unchanged }) => sum + unchanged, 0),
  };
}

function workspacesOf({ project }: LoadedProject): string[] {
  return [...new Set([project.workspace, ...project.environments.map(({ workspace }) => workspace)])];
}

async function setUpWorkspace(
  input: SetupInput,
  loaded: LoadedProject,
  workspace: string,
  timing: Timing,
): Promise<SetupResult> {
  const activities = workspaceActivities(queueOf(loaded, workspace), timing);
  const plan = await activities.quick.planSetup({ ...input, workspace });
  const changes = plan.items.filter(({ change }) => change !== 'none');
  if (input.mode === 'check') refuseMissing(changes, workspace, input.project);
  if (input.mode === 'apply') {
    for (const item of changes) {
      const operation = await activities.transfer.applySetupItem({ ...input, workspace, item });
      await awaitOperation(activities, workspace, operation, timing);
    }
  }
  return {
    created: named(changes, 'create'),
    updated: named(changes, 'update'),
    unchanged: plan.items.length - changes.length,
  };
}

/** What differs but exists is told by `mlops plan`; only what is missing stops a lifecycle. */
function refuseMissing(changes: readonly SetupPlanItem[], workspace: string, project: string): void {
  const missing = named(changes, 'create');
  if (missing.length === 0) return;
  throw ApplicationFailure.nonRetryable(
    `workspace ${workspace} lacks ${missing.join(', ')}; the infrastructure team creates them with: mlops setup ${project} --apply`,
    'InfrastructureMissing',
  );
}

function named(items: readonly SetupPlanItem[], change: SetupPlanItem['change']): string[] {
  return items.filter((item) => item.change === change).map(({ kind, name }) => `${kind} ${name}`);
}

export function queueOf(loaded: LoadedProject, workspace: string): string {
  const queue = loaded.queues[workspace];
  if (queue === undefined) {
    throw ApplicationFailure.nonRetryable(
      `workspace ${workspace} has no task queue in the policy; known: ${Object.keys(loaded.queues).join(', ')}`,
      'SpecInvalid',
    );
  }
  return queue;
}
