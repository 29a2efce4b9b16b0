import type { CollectedWindow } from '../domain/collected-paths.js';
import type { Measured } from '../domain/monitoring.js';
import { judgePerformance } from '../domain/performance.js';
import type { MonitorPlan } from '../domain/project.js';
import { analyse } from './analyse.js';
import { measurePerformance } from './performance.js';
import { UnreadableData } from './types.js';

/** What a look is measured by; all files lie on this machine. */
export interface LookFiles {
  /** The data collector's `model_inputs` files of the window. */
  readonly inputs: readonly string[];
  /** Its `model_outputs` files; needed where the plan looks at predictions or performance. */
  readonly outputs: readonly string[];
  /** What the model was trained on. */
  readonly baseline: string;
  /** What turned out to be true; absent as long as there is no such data. */
  readonly labels?: string;
}

/** What came in, what went out, and how good it was as far as labels tell. Runs in a worker or next to the data. */
export async function measureLook(
  files: LookFiles,
  plan: MonitorPlan,
  window: CollectedWindow,
): Promise<Measured> {
  const { predictions: predicted, performance } = plan;
  const shared = {
    baseline: [files.baseline],
    windowFromMs: window.fromMs,
    windowToMs: window.toMs,
    plan,
    ...(plan.mode !== undefined && { mode: plan.mode }),
  };
  const drift = await analyse({ ...shared, collectedInputs: files.inputs });
  const predictions =
    predicted === undefined
      ? undefined
      : await analyse({
          ...shared,
          collectedInputs: files.outputs,
          features: [predicted.baseline],
          carriedAs: { [predicted.baseline]: predicted.output },
        });
  return {
    drift,
    ...(predictions !== undefined && { predictions }),
    ...(performance !== undefined && { performance: await judged(files, performance, plan.minRows, window) }),
  };
}

/** Labels come later than predictions: until they do, and where they cannot be read, there is nothing to judge by. */
async function judged(
  { labels, outputs }: LookFiles,
  plan: NonNullable<MonitorPlan['performance']>,
  minRows: number,
  { fromMs: windowFromMs, toMs: windowToMs }: CollectedWindow,
): Promise<NonNullable<Measured['performance']>> {
  const nothing = (reason: string): NonNullable<Measured['performance']> => ({
    ...{ labelled: 0, predictions: 0, metrics: {} },
    ...{ verdict: 'missing_data', checks: [`${reason} ✗`] },
  });
  if (labels === undefined) return nothing(`there are no labels yet: no data asset ${plan.labels}`);
  try {
    const input = { collectedOutputs: outputs, labels: [labels], columns: plan, windowFromMs, windowToMs };
    const performance = await measurePerformance(input);
    return { ...performance, ...judgePerformance(performance, plan.require, minRows) };
  } catch (error) {
    if (!(error instanceof UnreadableData)) throw error;
    return nothing(`labels of ${plan.labels}: ${error.message}`);
  }
}
