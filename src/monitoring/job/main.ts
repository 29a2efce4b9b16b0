import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CollectedWindow } from '../../domain/collected-paths.js';
import { resultFile } from '../../domain/monitoring.js';
import type { MonitorPlan } from '../../domain/project.js';
import { plural } from '../../domain/text.js';
import { collectedFiles } from '../collected.js';
import { measureLook } from '../measure-look.js';
import { writeMeasured } from './result.js';

/**
 * Program of the Azure ML job that measures a look next to the data: what `src/activities/monitoring-job` uploads and
 * starts, bundled by the build. The worker said what to measure in the variable `MLOPS_LOOK`.
 */

interface Asked {
  readonly plan: MonitorPlan;
  readonly window: CollectedWindow;
}

const { values } = parseArgs({
  options: {
    collected: { type: 'string' },
    baseline: { type: 'string' },
    labels: { type: 'string' },
    result: { type: 'string' },
  },
});
const { collected, baseline, labels, result } = values;
const asked = process.env['MLOPS_LOOK'];
if (collected === undefined || baseline === undefined || result === undefined || asked === undefined) {
  throw new Error(
    'usage: MLOPS_LOOK=JSON node look.mjs --collected DIR --baseline PATH [--labels PATH] --result DIR',
  );
}

const { plan, window } = JSON.parse(asked) as Asked;
const period = [window.fromMs, window.toMs].map((ms) => new Date(ms).toISOString()).join(' to ');
const inputs = await collectedFiles(collected, 'model_inputs', window);
const outputs = await collectedFiles(collected, 'model_outputs', window);
console.log(
  `measuring ${plural(inputs.length, 'file')} of requests and ${outputs.length} of answers, ${period}`,
);
const began = performance.now();
const files = { inputs, outputs, baseline, ...(labels !== undefined && { labels }) };
const found = await measureLook(files, plan, window);
await mkdir(result, { recursive: true });
await writeFile(join(result, resultFile), writeMeasured(found));
console.log(`${found.drift.verdict}: ${found.drift.summary}`);
console.log(`measured in ${((performance.now() - began) / 1000).toFixed(1)} s`);
