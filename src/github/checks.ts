import { ownerAndRepo, type GitHub } from './client.js';

export interface PhaseReport {
  /** Shown beside the commit; also the context of a commit status: `mlops / diabetes`. */
  readonly name: string;
  /** Business key, so that reporting twice changes one check. */
  readonly externalId: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  /** With `completed`. `action_required` waits for a person. */
  readonly conclusion?:
    'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | 'action_required';
  /** One line. */
  readonly title: string;
  readonly summaryMarkdown: string;
  /** Leads to the workflow in the Temporal UI. */
  readonly detailsUrl?: string;
  /** What is wrong, where: with an App shown beside the lines. */
  readonly annotations?: readonly Annotation[];
}

export interface Annotation {
  /** Relative to the repository's root. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly level: 'failure' | 'warning';
  readonly message: string;
}

/** GitHub's limits on check runs (annotations are those of one call) and on a status' description. */
const longest = { summary: 65_535, title: 255, description: 140, message: 4_000, annotations: 50 };

/**
 * Shows a phase beside its commit, as often as wanted: a check run with an App, a commit status with a plain token
 * (check runs can be written by Apps only).
 * @returns whether anything was written; a repetition writes nothing.
 */
export async function reportPhase(
  github: GitHub,
  repository: string,
  commit: string,
  report: PhaseReport,
): Promise<boolean> {
  return github.kind === 'app'
    ? upsertCheckRun(github, repository, commit, report)
    : writeStatus(github, repository, commit, report);
}

async function upsertCheckRun(
  github: GitHub,
  repository: string,
  commit: string,
  report: PhaseReport,
): Promise<boolean> {
  const attempt = {
    what: `write the check run "${report.name}" of ${repository}@${commit.slice(0, 12)}`,
    permission: 'checks: write',
  };
  const place = ownerAndRepo(repository);
  const body = {
    name: report.name,
    external_id: report.externalId,
    status: report.status,
    output: {
      title: shorten(report.title, longest.title),
      summary: report.summaryMarkdown.slice(0, longest.summary),
    },
    ...(report.conclusion !== undefined && { conclusion: report.conclusion }),
    ...(report.detailsUrl !== undefined && { details_url: report.detailsUrl }),
  };
  const { data } = await github.call(attempt, (octokit) =>
    octokit.rest.checks.listForRef({
      ...place,
      ref: commit,
      check_name: report.name,
      filter: 'all',
      per_page: 100,
    }),
  );
  const found = data.check_runs.find((run) => run.external_id === report.externalId);
  // Every call adds its annotations to those that are there already.
  const annotations = (found?.output.annotations_count ?? 0) > 0 ? [] : annotationsOf(report);
  const output = { ...body.output, ...(annotations.length > 0 && { annotations }) };
  if (found === undefined) {
    await github.call(attempt, (octokit) =>
      octokit.rest.checks.create({ ...place, head_sha: commit, ...body, output }),
    );
    return true;
  }
  const same =
    found.status === body.status &&
    found.conclusion === (body.conclusion ?? null) &&
    found.output.title === body.output.title &&
    found.output.summary === body.output.summary;
  if (same) return false;
  await github.call(attempt, (octokit) =>
    octokit.rest.checks.update({ ...place, check_run_id: found.id, ...body, output }),
  );
  return true;
}

function annotationsOf({ annotations = [] }: PhaseReport) {
  return annotations.slice(0, longest.annotations).map(({ path, line, level, message }) => ({
    path,
    start_line: line,
    end_line: line,
    annotation_level: level,
    message: message.slice(0, longest.message),
  }));
}

type State = 'pending' | 'success' | 'failure' | 'error';

function stateOf({ status, conclusion }: PhaseReport): State {
  if (status !== 'completed' || conclusion === 'action_required') return 'pending';
  if (conclusion === 'cancelled' || conclusion === 'timed_out') return 'error';
  return conclusion === 'failure' ? 'failure' : 'success';
}

async function writeStatus(
  github: GitHub,
  repository: string,
  commit: string,
  report: PhaseReport,
): Promise<boolean> {
  const attempt = {
    what: `write the commit status "${report.name}" of ${repository}@${commit.slice(0, 12)}`,
    permission: 'commit statuses: write',
  };
  const place = ownerAndRepo(repository);
  const state = stateOf(report);
  const description = shorten(report.title, longest.description);
  const { data } = await github.call(attempt, (octokit) =>
    octokit.rest.repos.listCommitStatusesForRef({ ...place, ref: commit, per_page: 100 }),
  );
  // Newest first; statuses can only be added, and GitHub takes 1,000 of a context on a commit.
  const newest = data.find(({ context }) => context === report.name);
  if (newest?.state === state && newest.description === description) return false;
  await github.call(attempt, (octokit) =>
    octokit.rest.repos.createCommitStatus({
      ...place,
      sha: commit,
      context: report.name,
      state,
      description,
      ...(report.detailsUrl !== undefined && { target_url: report.detailsUrl }),
    }),
  );
  return true;
}

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
