import { parse, resolve } from 'node:path';
import {
  type GitState,
  type SourceFiles,
  SpecError,
  type Step,
  type Translation,
  translateFile,
} from '../../azureml/index.js';
import { formatMistake } from '../../domain/mistake.js';
import type { FileRef } from '../../domain/project.js';
import { badInput, type ExitCode, exitCodes } from '../failures.js';
import { gitState } from '../git.js';
import { type Io, say, sayJson } from '../io.js';
import { countText } from '../mistakes.js';
import { parseSets } from '../sets.js';

export interface TranslateOptions {
  readonly set: readonly string[];
  readonly name?: string;
  readonly endpointName?: string;
  readonly root?: string;
  readonly json?: boolean;
}

/** The requests that submitting a CLI v2 file makes, without a connection to anything. */
export async function translate(io: Io, file: string, options: TranslateOptions): Promise<ExitCode> {
  const { name, endpointName } = options;
  const set = {
    ...parseSets(options.set),
    ...(name === undefined ? {} : { name }),
    ...(endpointName === undefined ? {} : { endpoint_name: endpointName }),
  };
  const root = options.root === undefined ? parse(io.cwd).root : resolve(io.cwd, options.root);
  const translation = await translated({ root, dir: io.cwd }, { file, set }, await gitState(io.cwd, io.env));
  if (options.json === true) sayJson(io, { kind: translation.kind, steps: translation.steps.map(plain) });
  else say(io, translation.steps.map(stepText).join('\n\n'));
  return exitCodes.ok;
}

async function translated(files: SourceFiles, ref: FileRef, git: GitState): Promise<Translation> {
  try {
    return await translateFile(files, ref, { git });
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const lines = error.mistakes.map(formatMistake);
    throw badInput([...lines, countText(error.mistakes)].join('\n'));
  }
}

function plain(step: Step): unknown {
  return step.kind === 'request' ? { request: step.request } : { upload: step.upload };
}

/** As an HTTP client's log would show it; bodies as indented JSON. */
function stepText(step: Step): string {
  if (step.kind === 'request') {
    const { method, path, query, body } = step.request;
    const asked = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    return `${method} ${path}${asked}\n${JSON.stringify(body, null, 2)}`;
  }
  const { from, to, hash, bytes, files } = step.upload;
  const lines = files.map(({ name, size }) => `  ${name}  ${size} B`);
  return [`UPLOAD ${from} to ${to}  ${files.length} files, ${bytes} B, hash ${hash}`, ...lines].join('\n');
}
