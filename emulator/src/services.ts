import { registerArm } from './arm/index.js';
import type { Arm } from './arm/index.js';
import { registerBlobProxy } from './blob/proxy.js';
import { registerControl } from './control/routes.js';
import { createRequestLog } from './control/request-log.js';
import type { EmulatorContext } from './context.js';
import { registerGitHub } from './github/index.js';
import { registerHistory } from './history/index.js';
import { registerIdentity } from './identity/routes.js';
import { registerMlflow } from './mlflow/index.js';
import { registerMonitorLogs } from './monitor-logs/index.js';
import { createBatch } from './runner/batch/index.js';
import { createEnvironments } from './runner/environments.js';
import { createRunner } from './runner/index.js';
import { createScheduler } from './schedules/index.js';
import { createScoring } from './scoring/index.js';
import type { Register } from './server.js';
import { registerStudio } from './studio/index.js';

/** All services of one emulator, in the order in which they are wired. */
export interface Services {
  readonly everywhere: Register;
  readonly registers: readonly Register[];
  /** Takes up what the last process left: to be called once requests are answered and Blob is ready. */
  recover(): Promise<void>;
  stop(): Promise<void>;
}

/** An operation in the midst of making a Python environment is not waited for longer; the next start runs it again. */
const STOP_LIMIT_MS = 5000;

/** Makes the services and joins them by their interfaces. */
export function createServices(ctx: EmulatorContext): Services {
  const log = createRequestLog(ctx.dataDir, ctx.store.changes);
  const environments = createEnvironments(ctx);
  const runner = createRunner(ctx, environments);
  const scoring = createScoring(ctx, environments);
  let arm: Arm | undefined;
  const scheduler = createScheduler(ctx, async (schedule, due) => arm?.fireSchedule(schedule, due));
  return {
    everywhere: (app) => {
      registerControl(app, ctx, log);
    },
    registers: [
      (app) => {
        arm = registerArm(app, ctx, runner, scoring, createBatch(ctx, runner.submit));
      },
      registerIdentity,
      registerBlobProxy,
      registerMlflow,
      registerHistory,
      registerGitHub,
      registerMonitorLogs,
      (app) => {
        scoring.register(app);
      },
      (app) => {
        registerStudio(app, ctx, log, scoring);
      },
    ],
    async recover() {
      await scoring.recover();
      runner.recover();
      arm?.recover();
      scheduler.start();
    },
    async stop() {
      const all = Promise.allSettled([scheduler.stop(), arm?.stop(), runner.stop(), scoring.stop()]);
      // Operations that were ordered to hang end too.
      ctx.faults.clear();
      await Promise.race([all, new Promise((resolve) => setTimeout(resolve, STOP_LIMIT_MS).unref())]);
    },
  };
}
