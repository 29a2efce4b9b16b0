import { userInfo } from 'node:os';
import { keepTag } from '../../domain/tags.js';
import { badInput, type ExitCode, exitCodes, failed } from '../failures.js';
import { type Io, say } from '../io.js';
import { settingsOf } from '../temporal.js';

export interface KeepOptions {
  readonly workspace?: string;
  readonly project?: string;
  readonly reason?: string;
  /** It may go again. */
  readonly remove?: boolean;
}

/** Marks a model version, and with it the outputs and the record that it comes from, as never to be tidied away. */
export async function keep(io: Io, text: string, options: KeepOptions): Promise<ExitCode> {
  const [, name, version] = /^([^:/\s]+):([^:/\s]+)$/.exec(text) ?? [];
  if (name === undefined || version === undefined)
    throw badInput(`${text} is no model version; write MODEL:VERSION as \`mlops endpoint\` shows it`);
  const [{ azureFor }, { modelPath, setTags }] = await Promise.all([
    import('../azure.js'),
    import('../../azureml/index.js'),
  ]);
  const { workspace, project, reason, remove } = options;
  const ml = await azureFor(settingsOf(io), {
    ...(workspace !== undefined && { workspace }),
    ...(project !== undefined && { project }),
  });
  const why = reason ?? `by ${userInfo().username}`;
  const tag = { [keepTag]: remove === true ? undefined : why };
  const { alias } = ml.target;
  if (!(await setTags(ml, modelPath(name, version), tag)))
    throw failed(`${text} is not registered in ${alias}; another workspace is named with --workspace`);
  say(io, `${text} in ${alias} ${remove === true ? 'may be tidied away again' : `is kept: ${why}`}`);
  return exitCodes.ok;
}
