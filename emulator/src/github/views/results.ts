import type { Hub } from '../hub.js';
import type { CheckRun, CommitStatus, Deployment, DeploymentStatus, Repo } from '../state.js';
import { appOf } from './issues.js';
import { itemView, nodeId } from './json.js';
import type { Json } from './json.js';
import { appView, userView } from './people.js';
import { htmlUrl, repoUrl } from './repositories.js';

/** Annotations are counted here and listed by a route of their own. */
function outputView({ fields }: CheckRun, url: string): Json {
  const { annotations, ...output } = (fields['output'] ?? {}) as Json & { annotations?: unknown[] };
  return {
    ...{ title: null, summary: null, text: null },
    ...output,
    annotations_count: annotations?.length ?? 0,
    annotations_url: `${url}/annotations`,
  };
}

export function annotationView(hub: Hub, repo: Repo, { fields }: CheckRun, annotation: Json): Json {
  return {
    ...{ start_column: null, end_column: null, title: null, raw_details: null },
    ...annotation,
    blob_href: `${repoUrl(hub, repo)}/contents/${encodeURI(String(annotation['path']))}?ref=${fields.head_sha}`,
  };
}

export function checkRunView(hub: Hub, repo: Repo, run: CheckRun): Json {
  const app = hub.state.apps.get(String(run.appId));
  const html = `${htmlUrl(hub, repo)}/runs/${run.id}`;
  const url = `${repoUrl(hub, repo)}/check-runs/${run.id}`;
  return {
    id: run.id,
    node_id: nodeId('CR', run.id),
    external_id: '',
    conclusion: null,
    completed_at: null,
    ...run.fields,
    output: outputView(run, url),
    details_url: run.fields['details_url'] ?? html,
    url,
    html_url: html,
    check_suite: { id: run.appId },
    app: app ? appView(hub, app) : null,
    pull_requests: [],
  };
}

export function statusView(hub: Hub, repo: Repo, status: CommitStatus): Json {
  const { state, context, description, target_url, sha } = status;
  const creator = userView(hub, hub.userOf(status.by));
  return {
    ...itemView('SC', status),
    state,
    context,
    description,
    target_url,
    url: `${repoUrl(hub, repo)}/statuses/${sha}`,
    avatar_url: creator['avatar_url'],
    creator,
  };
}

export function deploymentView(hub: Hub, repo: Repo, deployment: Deployment): Json {
  const url = `${repoUrl(hub, repo)}/deployments/${deployment.id}`;
  return {
    ...itemView('DE', deployment),
    sha: deployment.sha,
    ...deployment.fields,
    original_environment: deployment.fields.environment,
    creator: userView(hub, hub.userOf(deployment.by)),
    url,
    statuses_url: `${url}/statuses`,
    repository_url: repoUrl(hub, repo),
    performed_via_github_app: appOf(hub, deployment),
  };
}

export function deploymentStatusView(hub: Hub, repo: Repo, status: DeploymentStatus): Json {
  const url = `${repoUrl(hub, repo)}/deployments/${status.deploymentId}`;
  return {
    ...itemView('DES', status),
    ...{ target_url: '', log_url: '', environment_url: '' },
    ...status.fields,
    creator: userView(hub, hub.userOf(status.by)),
    url: `${url}/statuses/${status.id}`,
    deployment_url: url,
    repository_url: repoUrl(hub, repo),
    performed_via_github_app: appOf(hub, status),
  };
}
