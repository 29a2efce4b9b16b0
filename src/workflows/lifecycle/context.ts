import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { CoreActivities, LoadedProject } from '../../activities/contract.js';
import { type Concurrency, defaultConcurrency, type Newer } from '../../domain/concurrency.js';
import type { Environment } from '../../domain/project.js';
import type { Timing } from '../../domain/timing.js';
import type { LifecycleInput, Phase, ReleaseReport } from '../messages.js';
import type { Parking } from '../parking.js';
import { courtesyActivities, type Proxies, workspaceActivities } from '../proxies.js';
import { queueOf } from '../setup.js';
import type { Tracker } from './tracker.js';

/** What is known of a lifecycle before its project is. */
export interface LifecycleBase {
  readonly input: LifecycleInput;
  readonly timing: Timing;
  readonly core: CoreActivities;
  readonly tracker: Tracker;
  readonly parking: Parking;
  /** Reports of endpoints by release id, newest last. */
  readonly reports: Map<string, ReleaseReport[]>;
  /** Set when a newer commit takes this one's place. */
  readonly superseded: () => Newer | undefined;
}

/** What every phase works with. */
export interface Lifecycle extends LifecycleBase {
  readonly id: string;
  readonly runId: string;
  readonly loaded: LoadedProject;
  readonly concurrency: Concurrency;
}

export function lifecycleOf(base: LifecycleBase, loaded: LoadedProject): Lifecycle {
  const { workflowId: id, runId } = workflowInfo();
  const { concurrency = defaultConcurrency } = loaded.project;
  const superseded = concurrency.newer === 'keep' ? () => undefined : base.superseded;
  return { ...base, id, runId, loaded, concurrency, superseded };
}

export function activitiesFor({ loaded, timing }: Lifecycle, workspace: string): Proxies {
  return workspaceActivities(queueOf(loaded, workspace), timing);
}

/** Source and project, as every activity that needs files takes them. */
export function at({ input }: LifecycleBase): { source: LifecycleInput['source']; project: string } {
  return { source: input.source, project: input.project };
}

/** The last environment is production: getting there is the promotion. */
export function phaseOf({ loaded }: Lifecycle, environment: Environment): Phase {
  return loaded.project.environments.at(-1)?.name === environment.name ? 'promote' : 'stage';
}

/** Goes on without what people would only like to see. */
export async function courteously(tell: (core: CoreActivities) => Promise<unknown>): Promise<void> {
  await tell(courtesyActivities()).catch(() => undefined);
}

/** The record outlives Temporal's retention; written at each decision and at the end, also of a cancelled lifecycle. */
export async function writeRecord(lifecycle: Lifecycle): Promise<void> {
  const { input, loaded, tracker, parking } = lifecycle;
  await CancellationScope.nonCancellable(() =>
    parking.step('write record', () =>
      activitiesFor(lifecycle, loaded.project.workspace).quick.writeRecord({
        ...at(lifecycle),
        trigger: input.trigger,
        status: tracker.snapshot(),
      }),
    ),
  );
}
