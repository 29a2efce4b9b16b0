import { reachesFurther, reachOf, type ReachName } from '../../src/domain/reach.js';
import { changedFiles, touches, type Changes } from './changes.js';
import type { RunContext } from './context.js';
import type { GitHubReader } from './github.js';
import type { Inputs } from './inputs.js';
import { findProjects, type FoundProject } from './projects.js';
import type { Outcome } from './run.js';
import type { PushRequest } from './start.js';

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
    return `the pull request comes from ${fork ?? 'a deleted fork'}`;
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
  return {
    project: project.name,
    source: { repository: context.repository, commit, ref: refOf(context), path: project.path },
    reach,
    taskQueue: inputs.taskQueue,
    ...(context.actor !== undefined && { startedBy: context.actor }),
    ...(context.runUrl !== undefined && { run: context.runUrl }),
    ...(inputs.timing !== undefined && { timing: inputs.timing }),
  };
}
