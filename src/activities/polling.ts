import { posix } from 'node:path';
import { activityInfo } from '@temporalio/activity';
import { touches } from '../domain/changes.js';
import type { ProjectPolicy } from '../domain/policy.js';
import { reachOf } from '../domain/reach.js';
import { changedFiles, defaultBranch, listTips, readFileAt, type Tip } from '../github/index.js';
import { parseProject } from '../spec/index.js';
import { startPushed } from '../temporal/start-pushed.js';
import type { CoreActivities, PollResult } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { beating } from './heartbeat.js';

export function pollingActivities(deps: Dependencies): Pick<CoreActivities, 'lookForPushes'> {
  return {
    lookForPushes: ({ scheduleId, timing }) =>
      beating(async () => {
        const seen = await seenBefore(deps, scheduleId);
        const projects = deps.policy?.projects ?? [];
        const repositories = [...new Set(projects.map(({ repository }) => repository))];
        const looks = await Promise.all(
          repositories.map((repository) =>
            lookAt(deps, repository, projects, seen, timing).catch((error: unknown): PollResult => ({
              // What could not be looked at is looked at next time.
              seen: Object.fromEntries(
                Object.entries(seen).filter(([key]) => key.startsWith(`${repository} `)),
              ),
              started: [],
              problems: [`${repository}: ${messageOf(error)}`],
            })),
          ),
        );
        return {
          seen: Object.assign({}, ...looks.map((look) => look.seen)) as PollResult['seen'],
          started: looks.flatMap((look) => look.started),
          problems: looks.flatMap((look) => look.problems),
        };
      }),
  };
}

type Seen = PollResult['seen'];

/** Where the last look that succeeded left off. A schedule does not reliably hand a run its predecessor's result. */
async function seenBefore({ temporal }: Dependencies, scheduleId: string): Promise<Seen> {
  const { info } = await temporal.schedule.getHandle(scheduleId).describe();
  for (const { action } of info.recentActions.toReversed()) {
    const handle = temporal.workflow.getHandle(
      action.workflow.workflowId,
      action.workflow.firstExecutionRunId,
    );
    const { status } = await handle.describe();
    if (status.name === 'COMPLETED') return ((await handle.result()) as PollResult).seen;
  }
  return {};
}

type Timing = Parameters<CoreActivities['lookForPushes']>[0]['timing'];

async function lookAt(
  deps: Dependencies,
  repository: string,
  projects: readonly ProjectPolicy[],
  seen: Seen,
  timing: Timing,
): Promise<PollResult> {
  const branch = await defaultBranch(deps.github, repository);
  const tips = await listTips(deps.github, repository);
  const now: Record<string, string> = {};
  const started: string[] = [];
  const problems: string[] = [];
  for (const tip of tips) {
    const key = `${repository} ${tip.ref}`;
    const before = seen[key];
    if (before !== tip.commit) {
      try {
        const files = before && (await changedFiles(deps.github, repository, before, tip.commit));
        for (const project of projects.filter((one) => one.repository === repository)) {
          const id = await startIfPushed(deps, project, tip, branch, files || undefined, timing);
          if (id !== undefined) started.push(id);
        }
      } catch (error) {
        problems.push(`${key}: ${messageOf(error)}`);
        if (before !== undefined) now[key] = before;
        continue;
      }
    }
    now[key] = tip.commit;
  }
  return { seen: now, started, problems };
}

/** As the Action would: `on:` says how far, and only a change in the project's paths starts it. */
async function startIfPushed(
  { github, temporal }: Dependencies,
  { name, repository, path, workspace }: ProjectPolicy,
  { ref, commit }: Tip,
  branch: string,
  files: readonly string[] | undefined,
  timing: Timing,
): Promise<string | undefined> {
  const file = posix.join(path, 'mlops.yaml');
  const text = await readFileAt(github, repository, commit, file);
  if (text === undefined) return undefined;
  const parsed = parseProject(text, { file, defaultName: name, workspace });
  // A file with mistakes starts all the same: the lifecycle's check tells them at their lines.
  const reach = reachOf(parsed.ok ? parsed.on : undefined, ref, branch);
  const paths = parsed.ok ? parsed.paths : [path];
  if (reach === undefined || (files !== undefined && !touches([...paths, file], files))) return undefined;
  const { workflowId, outcome } = await startPushed(temporal, {
    project: name,
    source: { repository, commit, ref, path },
    reach,
    taskQueue: activityInfo().taskQueue,
    startedBy: 'polling',
    ...(timing !== undefined && { timing }),
  });
  return outcome === 'started' ? workflowId : undefined;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}
