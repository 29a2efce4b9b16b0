import { WorkflowNotFoundError } from '@temporalio/client';
import { nearest } from '../../domain/text.js';
import { lifecycleId } from '../../domain/keys.js';
import type { SourceRef } from '../../domain/source.js';
import { inputOf, startAgain } from '../again.js';
import { badInput, type ExitCode } from '../failures.js';
import { type Io } from '../io.js';
import { checkProject, projectText } from '../project-check.js';
import { projectAt } from '../project-place.js';
import { fullRef, type Source } from '../source.js';
import { type Temporal, withTemporal } from '../temporal.js';
import { sayStarted } from './start.js';

export interface ReleaseOptions {
  readonly to: string;
  readonly project?: string;
  readonly repository?: string;
  readonly commit?: string;
  readonly ref?: string;
  readonly path?: string;
  readonly workspace?: string;
  readonly by?: string;
  readonly taskQueue?: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** Asks a registered model version onto an environment: it enters at staging, with tests and approval. */
export async function release(io: Io, text: string, options: ReleaseOptions): Promise<ExitCode> {
  const { model, version } = modelOf(text);
  return await withTemporal(io, async (temporal) => {
    const origin = await originOf(io, temporal, { model, version }, options);
    await checkEnvironment(io, origin.project, options.to);
    const started = await startAgain(temporal, 'release', {
      input: {
        ...origin,
        reach: 'production',
        release: { model, version, to: options.to },
        ...(options.by !== undefined && { startedBy: options.by }),
      },
      taskQueue: options.taskQueue ?? temporal.settings.MLOPS_TASK_QUEUES[0] ?? 'mlops',
    });
    return await sayStarted(io, temporal, started, options);
  });
}

interface Model {
  readonly model: string;
  readonly version: string;
}

function modelOf(text: string): Model {
  const [, model, version] = /^(?:azureml:)?([\w.-]+):([\w.-]+)$/.exec(text) ?? [];
  if (model !== undefined && version !== undefined) return { model, version };
  throw badInput(
    `${text} is no model version; write MODEL:VERSION, as \`mlops status\` shows it under models`,
  );
}

/** The commit that made the model: what was given, else the lineage that registration left on it. */
async function originOf(io: Io, temporal: Temporal, model: Model, options: ReleaseOptions): Promise<Source> {
  const { project, repository, commit } =
    options.project !== undefined && options.repository !== undefined && options.commit !== undefined
      ? { project: options.project, repository: options.repository, commit: options.commit }
      : await lineageOf(io, temporal, model, options);
  if (!/^[0-9a-f]{40}$/.test(commit)) {
    throw badInput(
      `commit ${commit} of ${model.model}:${model.version} is not whole; name all 40 digits with --commit`,
    );
  }
  const place =
    options.ref === undefined || options.path === undefined
      ? await placeOfCommit(io, temporal, { project, repository, commit }, options)
      : { ref: fullRef(options.ref), path: options.path };
  return { project, source: { repository, commit, ...place } };
}

interface Lineage {
  readonly project: string;
  readonly repository: string;
  readonly commit: string;
}

async function lineageOf(
  io: Io,
  { settings }: Temporal,
  { model, version }: Model,
  options: ReleaseOptions,
): Promise<Lineage> {
  const [{ azureFor }, { findModel }] = await Promise.all([
    import('../azure.js'),
    import('../../azureml/index.js'),
  ]);
  const { project, workspace } = await localProject(io);
  const named = options.project ?? project;
  const alias = options.workspace ?? (settings.MLOPS_POLICY === undefined ? workspace : undefined);
  const azure = await azureFor(settings, {
    ...(alias !== undefined && { workspace: alias }),
    ...(named !== undefined && { project: named }),
  });
  const found = await findModel(azure, model, version);
  if (found === undefined) {
    throw badInput(
      `model ${model}:${version} is not registered in workspace ${azure.target.alias} (${azure.target.name}); another one is named with --workspace`,
    );
  }
  const lineage = {
    project: options.project ?? found.tags['mlops.project'],
    repository: options.repository ?? found.tags['mlops.repository'],
    commit: options.commit ?? found.tags['mlops.commit'],
  };
  if (lineage.project === undefined || lineage.repository === undefined || lineage.commit === undefined) {
    throw badInput(
      `model ${model}:${version} carries no lineage (tags mlops.project, mlops.repository, mlops.commit): give --project, --repository and --commit`,
    );
  }
  return lineage as Lineage;
}

/** Branch and folder of the commit: as its first lifecycle had them, else as the checkout has them. */
async function placeOfCommit(
  io: Io,
  temporal: Temporal,
  { project, repository, commit }: Lineage,
  options: ReleaseOptions,
): Promise<Pick<SourceRef, 'ref' | 'path'>> {
  const first = await firstSource(
    temporal,
    lifecycleId(project, { repository, commit, ref: '', path: '.' }, 'push'),
  );
  const here = first ?? (await checkoutSource(io, repository));
  const ref = options.ref ?? here?.ref;
  const path = options.path ?? here?.path;
  if (ref !== undefined && path !== undefined) return { ref: fullRef(ref), path };
  throw badInput(
    `branch and folder of ${project} are not known: Temporal has forgotten its lifecycle; give --ref and --path`,
  );
}

async function firstSource(temporal: Temporal, id: string): Promise<SourceRef | undefined> {
  const { isGrpcServiceError } = await import('@temporalio/client');
  try {
    return (await inputOf(temporal, id)).input.source;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    if (isGrpcServiceError(error) && /not ?found/i.test(error.message)) return undefined;
    throw error;
  }
}

async function checkoutSource(
  io: Io,
  repository: string,
): Promise<{ readonly ref?: string; readonly path: string } | undefined> {
  const place = await projectAt(io.cwd).catch(() => undefined);
  if (place?.checkout?.repository !== repository) return undefined;
  const { ref } = place.checkout;
  return { path: place.path, ...(ref !== undefined && { ref }) };
}

async function localProject(
  io: Io,
): Promise<{ project?: string; workspace?: string; environments?: string[] }> {
  const place = await projectAt(io.cwd).catch(() => undefined);
  if (place === undefined) return {};
  const { parsed } = await checkProject(place, await projectText(place));
  if (parsed === undefined) return {};
  const { name, workspace, environments } = parsed.project;
  return { project: name, workspace, environments: environments.map((environment) => environment.name) };
}

/** Where the project's file is at hand, a misspelt environment is told at once. */
async function checkEnvironment(io: Io, project: string, to: string): Promise<void> {
  const { project: here, environments = [] } = await localProject(io);
  if (here !== project || environments.includes(to)) return;
  const meant = nearest(to, environments);
  throw badInput(
    `--to ${to} is no environment of ${project}${meant === undefined ? '' : `; did you mean ${meant}?`} allowed: ${environments.join(', ')}`,
  );
}
