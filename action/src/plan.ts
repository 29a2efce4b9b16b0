import { reachesFurther, reachOf, type ReachName } from '../../src/domain/reach.js';
import { touches } from '../../src/domain/changes.js';
import { changedFiles, compared, type Changes } from './changes.js';
import type { RunContext } from './context.js';
import type { GitHubReader } from './github.js';
import type { Inputs } from './inputs.js';
import { findProjects, type FoundProject } from './projects.js';
import type { Outcome } from './run.js';
import { commandOf, requireRole } from './signal.js';
import type { PushRequest } from '../../src/temporal/start-pushed.js';

export interface StartPlan {
  readonly requests: readonly PushRequest[];
  /** Projects that are not started, each with the reason. */
  readonly skipped: readonly Outcome[];
  readonly notes: readonly string[];
}

/** Which projects of the checkout an event starts, and how far each may go. */
export async function planStarts(
  inputs: Inputs,
  context: RunContext,
  github: GitHubReader | undefined,
): Promise<StartPlan> {
  const nothing = reasonForNothing(context);
  if (nothing !== undefined)
    return {
      requests: [],
      skipped: [{ subject: context.event, result: `nothing started: ${nothing}` }],
      notes: [],
    };
  const [found, changes] = await Promise.all([
    findProjects(context.workspace, inputs.path, inputs.config, context.repository),
    changedFiles(context, github),
  ]);
  const projects = choose(found, inputs.projects);
  const decided = projects.map((project) => ({ project, ...decide(project, changes, inputs, context) }));
  return {
    requests: decided.flatMap(({ project, reach }) =>
      reach === undefined ? [] : [toRequest(project, reach, inputs, context)],
    ),
    skipped: decided.flatMap(({ project, reason }) =>
      reason === undefined ? [] : [{ subject: project.name, result: reason }],
    ),
    notes:
      'all' in changes && context.event !== 'workflow_dispatch'
        ? [`Every project counts as changed: ${changes.all}.`]
        : [],
  };
}

function reasonForNothing({ event, payload, repository }: RunContext): string | undefined {
  if (event === 'push' && payload.deleted === true) return 'the branch was deleted';
  if (event === 'pull_request_target')
    return "use pull_request; pull_request_target would run a stranger's files with secrets";
  const fork = payload.pull_request?.head.repo?.full_name;
  if (event === 'pull_request' && fork !== repository)
    return `the pull request comes from ${fork ?? 'a deleted fork'}; a maintainer who has read it comments: /train ${payload.pull_request?.head.sha ?? ''}`;
  return undefined;
}

function choose(found: readonly FoundProject[], wanted: readonly string[]): readonly FoundProject[] {
  const names = found.map(({ name }) => name);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`projects: found ${unknown.join(', ')}; allowed: ${names.join(', ')}`);
  return wanted.length === 0 ? found : found.filter(({ name }) => wanted.includes(name));
}

function decide(
  project: FoundProject,
  changes: Changes,
  inputs: Inputs,
  context: RunContext,
): { reach?: ReachName; reason?: string } {
  const ref = refOf(context);
  const allowed = reachOf(project.on, ref, context.payload.repository?.default_branch ?? 'main');
  if (allowed === undefined) return { reason: `not started: \`on:\` names nothing for ${ref}` };
  if ('files' in changes && !touches([...project.paths, projectFile(project, inputs)], changes.files)) {
    return { reason: `not started: nothing changed in ${project.paths.join(', ')}` };
  }
  return {
    reach: inputs.reach !== undefined && reachesFurther(allowed, inputs.reach) ? inputs.reach : allowed,
  };
}

const projectFile = ({ path }: FoundProject, { config }: Inputs): string =>
  path === '.' ? config : `${path}/${config}`;

/** A pull request's own head, not the merge commit that GitHub makes for the run: that one is never pushed. */
function refOf({ event, payload, ref }: RunContext): string {
  return event === 'pull_request' && payload.pull_request
    ? `refs/pull/${payload.pull_request.number}/head`
    : ref;
}

function toRequest(
  project: FoundProject,
  reach: ReachName,
  inputs: Inputs,
  context: RunContext,
): PushRequest {
  const commit =
    (context.event === 'pull_request' ? context.payload.pull_request?.head.sha : undefined) ?? context.sha;
  const source = { repository: context.repository, commit, ref: refOf(context), path: project.path };
  return requestOf(project, source, reach, inputs, context);
}

function requestOf(
  project: FoundProject,
  source: PushRequest['source'],
  reach: ReachName,
  inputs: Inputs,
  context: RunContext,
): PushRequest {
  return {
    project: project.name,
    source,
    reach,
    taskQueue: inputs.taskQueue,
    ...(context.actor !== undefined && { startedBy: context.actor }),
    ...(context.runUrl !== undefined && { run: context.runUrl }),
    ...(inputs.timing !== undefined && { timing: inputs.timing }),
  };
}

/**
 * Which projects a maintainer's `/train <sha>` starts for a commit of a fork; `undefined` for any other comment. Names
 * and paths are those of the checkout, which is the default branch: a stranger's files say nothing here.
 */
export async function planTraining(
  inputs: Inputs,
  context: RunContext,
  github: GitHubReader | undefined,
): Promise<StartPlan | undefined> {
  const { comment, issue, action, repository } = context.payload;
  const command = action === 'created' ? commandOf(comment?.body) : undefined;
  if (command?.kind !== 'train' || comment === undefined || issue === undefined) return undefined;
  if (issue.pull_request === undefined)
    throw new Error(`/train is for pull requests, and #${issue.number} is an issue.`);
  await requireRole('train', comment.user?.login, github);
  const found = await findProjects(context.workspace, inputs.path, inputs.config, context.repository);
  const { commit, project } = command;
  const projects = choose(found, project === undefined ? inputs.projects : [project]);
  const changes = await compared(github, repository?.default_branch, commit);
  const ref = `refs/pull/${issue.number}/head`;
  const touched = projects.filter(
    ({ paths }) => project !== undefined || !('files' in changes) || touches(paths, changes.files),
  );
  return {
    requests: touched.map((one) => {
      const source = { repository: context.repository, commit, ref, path: one.path, askedBy: comment.id };
      return requestOf(one, source, 'train', inputs, context);
    }),
    skipped: projects
      .filter((one) => !touched.includes(one))
      .map(({ name, paths }) => ({
        subject: name,
        result: `not started: nothing changed in ${paths.join(', ')}`,
      })),
    notes: [],
  };
}
