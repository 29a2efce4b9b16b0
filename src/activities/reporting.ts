import {
  type DeploymentReport,
  reportDeployment,
  reportPhase,
  type PhaseReport,
  writeRequest,
} from '../github/index.js';
import { evidenceText } from '../domain/canonical.js';
import { approvePrefix, rejectPrefix } from '../workflows/messages.js';
import type { ApprovalAnnouncement, CoreActivities } from './contract.js';
import { type Dependencies, linkTo } from './dependencies.js';

/** Shows on GitHub what a lifecycle does and asks. */
export function reportingActivities({
  github,
  links,
}: Dependencies): Pick<CoreActivities, 'report' | 'announceApproval'> {
  return {
    async report({ source, project, lifecycleId, outcome, title, summary }) {
      const detailsUrl = linkTo(links, lifecycleId);
      const check: PhaseReport = {
        name: `mlops / ${project}`,
        externalId: lifecycleId,
        ...(outcome === 'running' ? { status: 'in_progress' } : { status: 'completed', conclusion: outcome }),
        title,
        summaryMarkdown: summary,
        ...(detailsUrl !== undefined && { detailsUrl }),
      };
      await reportPhase(github, source.repository, source.commit, check);
    },

    async announceApproval(announcement) {
      const { source, project, lifecycleId, environment, evidence, state, endpointWorkflowId } = announcement;
      const logUrl = linkTo(links, lifecycleId);
      await reportDeployment(github, {
        repository: source.repository,
        commit: source.commit,
        environment: `${project} ${environment}`,
        key: `${lifecycleId}/${environment}`,
        state: deploymentState[state],
        description: `${project} → ${environment}: ${state}`,
        ...(logUrl !== undefined && { logUrl }),
      });
      await writeRequest(github, {
        repository: source.repository,
        commit: source.commit,
        marker: {
          lifecycle: lifecycleId,
          project,
          environment,
          code: evidence.code,
          endpoint: endpointWorkflowId,
        },
        title: `Approve ${project} ${evidence.evidence.model.version} for ${environment}?`,
        markdown: requestText(announcement, logUrl),
        open: state === 'pending',
      });
    },
  };
}

const deploymentState: Readonly<Record<ApprovalAnnouncement['state'], DeploymentReport['state']>> = {
  pending: 'pending',
  approved: 'in_progress',
  rejected: 'failure',
  expired: 'inactive',
};

function requestText(
  { evidence, environment, state }: ApprovalAnnouncement,
  link: string | undefined,
): string {
  const ask = [
    `Answer with one of these lines as a comment, or with the signal of the same name in the Temporal UI:`,
    '```',
    `/${approvePrefix}${evidence.code}`,
    `/${rejectPrefix}${evidence.code}`,
    '```',
  ];
  return [
    `### ${state === 'pending' ? 'Waiting for approval' : `Request ${state}`}: ${environment}`,
    '',
    evidenceText(evidence.evidence),
    '',
    ...(state === 'pending' ? ask : []),
    ...(link === undefined ? [] : [`[Workflow in the Temporal UI](${link})`]),
  ].join('\n');
}
