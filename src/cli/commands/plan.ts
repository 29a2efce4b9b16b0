import { resolve } from 'node:path';
import { formatMistake } from '../../domain/mistake.js';
import { explainProject } from '../../spec/index.js';
import { type ExitCode, exitCodes } from '../failures.js';
import { type Io, say, sayJson, warn } from '../io.js';
import { refuseMistakes } from '../mistakes.js';
import { explainedText, planText } from '../plan-text.js';
import { checkProject, projectText } from '../project-check.js';
import { projectAt } from '../project-place.js';
import { runSetup, setupText } from '../setup-run.js';
import { sourceOf } from '../source.js';
import { withTemporal } from '../temporal.js';

export interface PlanOptions {
  readonly explain?: boolean;
  readonly offline?: boolean;
  readonly json?: boolean;
  readonly taskQueue?: string;
}

/** What a push of this project would do: read from its files here, and what Azure lacks, by a worker. */
export async function plan(io: Io, dir: string | undefined, options: PlanOptions): Promise<ExitCode> {
  const folder = resolve(io.cwd, dir ?? '.');
  const place = await projectAt(folder);
  const text = await projectText(place);
  const { parsed, mistakes } = await checkProject(place, text);
  refuseMistakes(mistakes);
  for (const mistake of mistakes) warn(io, formatMistake(mistake));
  if (parsed === undefined) return exitCodes.badInput;
  const explained =
    options.explain === true
      ? explainProject(text, { file: place.file, defaultName: place.defaultName })
      : undefined;
  if (options.json === true)
    sayJson(io, { project: parsed.project, ...(explained && { settings: explained }) });
  else say(io, explained === undefined ? planText(parsed.project) : explainedText(explained));
  const asksAzure = options.offline !== true && options.explain !== true && options.json !== true;
  return asksAzure ? await planSetup(io, folder, options) : exitCodes.ok;
}

/** A worker looks at Azure with its own identity: this machine needs none. It reads the commit, not the working tree. */
async function planSetup(io: Io, folder: string, { taskQueue }: PlanOptions): Promise<ExitCode> {
  const source = await sourceOf({ ...io, cwd: folder }, {});
  return await withTemporal(io, async (temporal) => {
    const queue = taskQueue ?? temporal.settings.MLOPS_TASK_QUEUES[0] ?? 'mlops';
    const result = await runSetup(temporal, source, 'plan', queue);
    say(io, `\nAzure resources, for ${source.source.commit.slice(0, 12)}\n${setupText(result, 'plan')}`);
    return exitCodes.ok;
  });
}
