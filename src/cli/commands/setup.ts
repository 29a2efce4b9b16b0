import { badInput, type ExitCode, exitCodes } from '../failures.js';
import { type Io, say, sayJson } from '../io.js';
import { missingAttributes } from '../../temporal/search-attributes.js';
import { registerAttributes } from '../search-attributes.js';
import { runSetup, setupText } from '../setup-run.js';
import { sourceOf, type SourceOptions } from '../source.js';
import { type Temporal, withTemporal } from '../temporal.js';

export interface SetupOptions extends SourceOptions {
  readonly apply?: boolean;
  readonly taskQueue?: string;
  readonly json?: boolean;
}

/** Shows what is missing, in Temporal and in Azure; with `--apply` creates it. */
export async function setup(io: Io, project: string | undefined, options: SetupOptions): Promise<ExitCode> {
  const source = await sourceOf(io, options);
  if (project !== undefined && project !== source.project) {
    throw badInput(
      `the project here is ${source.project}, not ${project}; stand in the folder of ${project}'s mlops.yaml, or name it with --path`,
    );
  }
  return await withTemporal(io, async (temporal) => {
    const mode = options.apply === true ? 'apply' : 'plan';
    const attributes = await setUpAttributes(temporal, mode);
    const taskQueue = options.taskQueue ?? temporal.settings.MLOPS_TASK_QUEUES[0] ?? 'mlops';
    const azure = await runSetup(temporal, source, mode, taskQueue);
    if (options.json === true)
      sayJson(io, { project: source.project, mode, searchAttributes: attributes, azure });
    else {
      say(io, `Temporal namespace ${temporal.namespace}\n${attributesText(attributes, mode)}`);
      say(io, `Azure resources of ${source.project}\n${setupText(azure, mode)}`);
    }
    return exitCodes.ok;
  });
}

async function setUpAttributes(temporal: Temporal, mode: 'plan' | 'apply'): Promise<readonly string[]> {
  const missing = await missingAttributes(temporal.connection, temporal.namespace);
  if (mode === 'apply' && missing.length > 0) await registerAttributes(temporal, missing);
  return missing;
}

function attributesText(missing: readonly string[], mode: 'plan' | 'apply'): string {
  if (missing.length === 0) return '  all search attributes are registered';
  return `  + ${mode === 'plan' ? 'would register' : 'registered'} the search attributes ${missing.join(', ')}`;
}
