import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { costSettings, endpointId, findModel } from '../azureml/index.js';
import type { Evidence, EvidenceDigest } from '../domain/approval.js';
import { canonicalJson } from '../domain/canonical.js';
import { kindOfEndpoint } from '../domain/project.js';
import type { Release } from '../domain/release.js';
import { describeRollout } from '../domain/rollout.js';
import { trialOf } from './batch-tests.js';
import type { Dependencies } from './dependencies.js';
import { environmentOf, openProject } from './projects.js';
import { plan, sharedFor } from './deployment-plan.js';
import { contractTag, dataOf, metricsOf } from '../domain/tags.js';
import type { Workspaces } from './workspaces.js';

const codeDigits = 12;

/** Reads from Azure and GitHub what an approver decides on, and binds it to one run of the lifecycle. */
export async function collectEvidence(
  deps: Dependencies,
  workspaces: Workspaces,
  release: Release,
  { runId, steering }: { readonly runId: string; readonly steering?: string },
): Promise<EvidenceDigest> {
  const asked = await evidenceOf(deps, workspaces, release);
  const evidence = steering === undefined ? asked : { ...asked, steering };
  const digest = sha256(canonicalJson(evidence));
  return { digest, code: sha256(`${runId}${digest}`).slice(0, codeDigits), evidence };
}

async function evidenceOf(deps: Dependencies, workspaces: Workspaces, release: Release): Promise<Evidence> {
  const open = await openProject(deps, release);
  const environment = environmentOf(open, release.environment);
  const { name, version, workspace } = release.model;
  const model = await findModel(workspaces.client(workspace), name, version);
  if (model === undefined) {
    throw ApplicationFailure.nonRetryable(
      `model ${name}:${version} is not in workspace ${workspace}`,
      'NotFound',
    );
  }
  const deployment = await plan(deps, workspaces, release);
  const ml = workspaces.client(environment.workspace);
  const endpoint = open.endpoints[environment.name]?.endpoint ?? '';
  const shared = await sharedFor(ml, open, release);
  const hash = model.tags['mlops.hash'] ?? '';
  if (shared !== undefined && shared.hash !== hash)
    throw ApplicationFailure.nonRetryable(
      `${name}:${version} is not the same on both sides: hash ${hash} in workspace ${workspace}, ${shared.hash} in ${shared.id}`,
      'Rejected',
    );
  const kind = kindOfEndpoint(environment);
  const role = kind === 'batch' ? 'batchDeployment' : 'deployment';
  const costs = await costSettings(open.files, environment.deployment, role);
  const contract = model.tags[contractTag];
  const trial = await trialOf(workspaces, open, release, deployment.name);
  return {
    project: open.project.name,
    environment: environment.name,
    commit: release.source.commit,
    model: {
      ...{ name, version, hash },
      ...(shared !== undefined && { registry: { id: shared.id, hash: shared.hash } }),
    },
    codeHash: model.tags['mlops.code'] ?? '',
    data: dataOf(model.tags),
    metrics: metricsOf(model.tags),
    target: {
      endpoint: endpointId(ml, endpoint, kind),
      deployment: deployment.name,
      deploymentHash: deployment.hash,
      ...(Object.keys(costs).length > 0 && { costs }),
    },
    ...(trial !== undefined && { trial }),
    ...(contract !== undefined && { contract }),
    rollout: environment.batch === undefined ? describeRollout(environment.rollout) : 'the default at once',
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
