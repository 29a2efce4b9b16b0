import { queueOf } from '../setup.js';
import { at, type Lifecycle } from './context.js';

/** Monitoring goes on after the lifecycle has ended, by a schedule for each environment that asks for it. */
export async function watch(lifecycle: Lifecycle): Promise<void> {
  const { tracker, loaded, core, timing, parking } = lifecycle;
  tracker.phase('monitor', 'running', 'setting the schedule');
  const schedules: string[] = [];
  for (const environment of loaded.project.environments) {
    const target = loaded.endpoints[environment.name];
    const plan = environment.monitor;
    if (target === undefined || plan === undefined) continue;
    const taskQueue = queueOf(loaded, target.workspace);
    await parking.step(`monitor ${environment.name}`, () =>
      core.upsertMonitor({
        ...at(lifecycle),
        environment: environment.name,
        plan,
        target,
        taskQueue,
        timing,
      }),
    );
    schedules.push(`${environment.name}: ${plan.schedule} (UTC), on breach ${plan.onBreach}`);
  }
  if (schedules.length === 0) tracker.phase('monitor', 'skipped', 'no monitor in mlops.yaml');
  else tracker.phase('monitor', 'done', schedules.join('; '));
}
