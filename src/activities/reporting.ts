import type { Mistake } from '../domain/mistake.js';
import { formatProblem } from '../domain/mistake.js';
import {
  type Annotation,
  reportDeployment,
  reportPhase,
  type PhaseReport,
  writeRequest,
} from '../github/index.js';
import { requestMarkdown } from '../reports/index.js';
import { approvePrefix, rejectPrefix } from '../workflows/messages.js';
import type { ApprovalAnnouncement, CoreActivities } from './contract.js';
import { type Dependencies, linkTo } from './dependencies.js';

/** Shows on GitHub what a lifecycle does and asks. */
export function reportingActivities({
  github,
  links,
}: Dependencies): Pick<CoreActivities, 'report' | 'reportRelease' | 'announceApproval'> {
  return {
    async report({ source, project, lifecycleId, outcome, title, summary, mistakes = [] }) {
      await reportPhase(github, source.repository, source.commit, {
        name: `mlops / ${project}`,
        externalId: lifecycleId,
        ...(outcome === 'running' ? { status: 'in_progress' } : { status: 'completed', conclusion: outcome }),
        title,
        summaryMarkdown: summary,
        ...detailsAt(lifecycleId),
        annotations: mistakes.map((mistake) => annotationOf(mistake)),
      });
    },

    async reportRelease({ source, project, environment, releaseId, lifecycleId, ...report }) {
      const logUrl = linkTo(links, lifecycleId);
      const { state, description, environmentUrl, production } = report;
      await reportDeployment(github, {
        repository: source.repository,
        commit: source.commit,
        environment: `${project} ${environment}`,
        key: releaseId,
        state,
        description,
        production,
        ...(logUrl !== undefined && { logUrl }),
        ...(environmentUrl !== undefined && environmentUrl !== '' && { environmentUrl }),
      });
    },

    async announceApproval({ source, project, lifecycleId, environment, evidence, ...announcement }) {
      const { state, endpointWorkflowId, champion, reminder } = announcement;
      const link = linkTo(links, lifecycleId);
      const { code } = evidence;
      const { model } = evidence.evidence;
      const markdown = requestMarkdown({
        environment,
        state,
        evidence,
        approve: `${approvePrefix}${code}`,
        reject: `${rejectPrefix}${code}`,
        ...(champion !== undefined && { champion }),
        ...(reminder !== undefined && { reminder }),
        ...(link !== undefined && { link }),
      });
      const marker = { lifecycle: lifecycleId, project, environment, endpoint: endpointWorkflowId };
      await writeRequest(github, {
        repository: source.repository,
        commit: source.commit,
        marker: { ...marker, ...(state === 'pending' && { code }) },
        title: `Approve ${project} ${model.version} for ${environment}?`,
        markdown,
        open: state === 'pending',
      });
      await reportPhase(github, source.repository, source.commit, {
        name: `mlops / ${project} / approval for ${environment}`,
        externalId: `${lifecycleId}/${environment}`,
        status: 'completed',
        conclusion: conclusions[state],
        title: state === 'pending' ? `waiting for /${approvePrefix}${code}` : state,
        summaryMarkdown: markdown,
        ...detailsAt(lifecycleId),
      });
    },
  };

  function detailsAt(lifecycleId: string): Pick<PhaseReport, 'detailsUrl'> {
    const detailsUrl = linkTo(links, lifecycleId);
    return detailsUrl === undefined ? {} : { detailsUrl };
  }
}

/** A question that is open must not look green, and nothing but a rejection has failed. */
const conclusions = {
  pending: 'action_required',
  approved: 'success',
  rejected: 'failure',
  expired: 'timed_out',
  withdrawn: 'neutral',
} as const satisfies Record<ApprovalAnnouncement['state'], PhaseReport['conclusion']>;

function annotationOf(mistake: Mistake): Annotation {
  return {
    path: mistake.file,
    line: mistake.line ?? 1,
    level: mistake.severity === 'warning' ? 'warning' : 'failure',
    message: formatProblem(mistake),
  };
}
