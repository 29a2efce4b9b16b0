import { ownerAndRepo, type GitHub } from './client.js';

export interface DeploymentReport {
  readonly repository: string;
  readonly commit: string;
  readonly environment: string;
  /** Business key kept in the deployment's payload, so that reporting twice changes one deployment. */
  readonly key: string;
  /** `pending` waits for an approval: clients cannot set GitHub's own `waiting`. */
  readonly state: 'pending' | 'in_progress' | 'success' | 'failure' | 'inactive';
  readonly description: string;
  /** Leads to the workflow in the Temporal UI. */
  readonly logUrl?: string;
  /** The endpoint's scoring address or its page. */
  readonly environmentUrl?: string;
  readonly production?: boolean;
}

const longestDescription = 140;

/**
 * Creates the deployment if need be and adds a status if it differs from the last. A success makes the ones inactive
 * that it replaces: GitHub does that by itself only outside production. Returns the deployment's id.
 */
export async function reportDeployment(github: GitHub, report: DeploymentReport): Promise<number> {
  const id = (await findDeployment(github, report)) ?? (await createDeployment(github, report));
  const place = { ...ownerAndRepo(report.repository), deployment_id: id };
  const attempt = attemptOf(report);
  const description = report.description.slice(0, longestDescription);
  const last = await lastStatus(github, report, id);
  if (last?.state !== report.state || last.description !== description) {
    await github.call(attempt, (octokit) =>
      octokit.rest.repos.createDeploymentStatus({
        ...place,
        state: report.state,
        description,
        auto_inactive: false,
        ...(report.logUrl !== undefined && { log_url: report.logUrl }),
        ...(report.environmentUrl !== undefined && { environment_url: report.environmentUrl }),
      }),
    );
  }
  if (report.state === 'success') await retireOthers(github, report, id);
  return id;
}

async function lastStatus(github: GitHub, report: DeploymentReport, id: number) {
  const { data } = await github.call(attemptOf(report), (octokit) =>
    octokit.rest.repos.listDeploymentStatuses({
      ...ownerAndRepo(report.repository),
      deployment_id: id,
      per_page: 1,
    }),
  );
  return data[0];
}

/** Only the newest of the others can be the one that served: looking further back would cost a call each. */
const lookedAt = 10;

async function retireOthers(github: GitHub, report: DeploymentReport, id: number): Promise<void> {
  const place = ownerAndRepo(report.repository);
  const { environment, commit } = report;
  const { data } = await github.call(attemptOf(report), (octokit) =>
    octokit.rest.repos.listDeployments({ ...place, environment, per_page: 2 * lookedAt }),
  );
  const others = data.filter((other) => other.id < id && keyOf(other.payload) !== undefined);
  for (const other of others.slice(0, lookedAt)) {
    const last = await lastStatus(github, report, other.id);
    if (last?.state !== 'success') continue;
    await github.call(attemptOf(report), (octokit) =>
      octokit.rest.repos.createDeploymentStatus({
        ...place,
        deployment_id: other.id,
        state: 'inactive',
        description: `replaced by ${commit.slice(0, 12)}`,
      }),
    );
  }
}

const attemptOf = ({ repository, commit, environment }: DeploymentReport) => ({
  what: `report the deployment of ${repository}@${commit.slice(0, 12)} to ${environment}`,
  permission: 'deployments: write',
});

async function findDeployment(github: GitHub, report: DeploymentReport): Promise<number | undefined> {
  const { data } = await github.call(attemptOf(report), (octokit) =>
    octokit.rest.repos.listDeployments({
      ...ownerAndRepo(report.repository),
      sha: report.commit,
      environment: report.environment,
      per_page: 100,
    }),
  );
  return data.find(({ payload }) => keyOf(payload) === report.key)?.id;
}

/** GitHub gives a payload back as the object or as the text that it was sent as. */
function keyOf(payload: unknown): unknown {
  try {
    const value: unknown = typeof payload === 'string' ? JSON.parse(payload) : payload;
    return typeof value === 'object' && value !== null && 'mlops' in value ? value.mlops : undefined;
  } catch {
    return undefined;
  }
}

/** Without `required_contexts: []` GitHub refuses while checks run, without `auto_merge: false` it may merge instead. */
async function createDeployment(github: GitHub, report: DeploymentReport): Promise<number> {
  const { data } = await github.call(attemptOf(report), (octokit) =>
    octokit.rest.repos.createDeployment({
      ...ownerAndRepo(report.repository),
      ref: report.commit,
      environment: report.environment,
      payload: { mlops: report.key },
      required_contexts: [],
      auto_merge: false,
      production_environment: report.production ?? false,
      description: report.description.slice(0, longestDescription),
    }),
  );
  if ('id' in data) return data.id;
  throw new Error(
    `GitHub answered the deployment of ${report.commit} with "${data.message ?? ''}" instead of creating it.`,
  );
}
