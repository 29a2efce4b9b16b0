import { patched } from '@temporalio/workflow';
import type { EndpointTarget } from '../../activities/contract.js';
import type { Environment, MonitorPlan } from '../../domain/project.js';
import { queueOf } from '../setup.js';
import { at, type Lifecycle } from './context.js';

/** Monitoring goes on after the lifecycle has ended, by a schedule for each environment that asks for it. */
export async function watch(lifecycle: Lifecycle): Promise<void> {
  const { tracker, loaded } = lifecycle;
  tracker.phase('monitor', 'running', 'setting the schedule');
  const lines: string[] = [];
  for (const environment of loaded.project.environments) {
    const target = loaded.endpoints[environment.name];
    if (target === undefined) continue;
    const { monitor: plan } = environment;
    const line =
      plan === undefined
        ? await stopWatching(lifecycle, environment, target)
        : await startWatching(lifecycle, environment, target, plan);
    if (line !== undefined) lines.push(`${environment.name}: ${line}`);
  }
  const watched = loaded.project.environments.some(({ monitor }) => monitor !== undefined);
  if (watched) tracker.phase('monitor', 'done', lines.join('; '));
  else tracker.phase('monitor', 'skipped', ['no monitor in mlops.yaml', ...lines].join('; '));
}

async function startWatching(
  lifecycle: Lifecycle,
  { name }: Environment,
  target: EndpointTarget,
  plan: MonitorPlan,
): Promise<string> {
  const { loaded, core, timing, parking } = lifecycle;
  const taskQueue = queueOf(loaded, target.workspace);
  await parking.step(`monitor ${name}`, () =>
    core.upsertMonitor({ ...at(lifecycle), environment: name, plan, target, taskQueue, timing }),
  );
  return `${plan.schedule} (UTC), on breach ${plan.onBreach}`;
}

/** A schedule that an earlier commit asked for would look for ever. */
async function stopWatching(
  { core, parking }: Lifecycle,
  { name }: Environment,
  { scheduleId }: EndpointTarget,
): Promise<string | undefined> {
  if (!patched('unasked-monitors-go')) return undefined;
  const removed = await parking.step(`monitor ${name}`, () => core.removeMonitor({ scheduleId }));
  return removed ? 'no longer monitored, its schedule is deleted' : undefined;
}
