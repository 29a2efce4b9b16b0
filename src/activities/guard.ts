import { type AzureMl, getEndpoint, readRecord, writeRecord } from '../azureml/index.js';
import type { Decision } from '../domain/approval.js';
import { decide } from '../domain/approval-rules.js';
import type { Release, Traffic } from '../domain/release.js';
import { prove } from './approvals.js';
import type { Dependencies } from './dependencies.js';
import { NotAllowed } from './errors.js';
import { collectEvidence } from './evidence.js';
import { environmentOf, openProject } from './projects.js';
import { readAnswers } from './answers.js';
import { plan } from './releases.js';
import type { Workspaces } from './workspaces.js';

export interface TrafficChange {
  readonly ml: AzureMl;
  readonly endpoint: string;
  readonly traffic: Traffic;
  readonly mirror: Traffic;
  readonly release?: Release;
}

/**
 * The last guard. Any writer of the namespace can signal or start a workflow, so what a workflow says of approvals
 * counts for nothing here: rule, evidence and answers are read again. Without a release, traffic goes only to
 * deployments that serve now or were let through before.
 * @throws NotAllowed
 */
export async function allowTraffic(
  deps: Dependencies,
  workspaces: Workspaces,
  change: TrafficChange,
): Promise<void> {
  const { release, ml, endpoint } = change;
  const live = await liveDeployments(ml, endpoint);
  const wanted = Object.entries({ ...change.traffic, ...change.mirror }).flatMap(([name, percent]) =>
    percent > 0 ? [name] : [],
  );
  const fresh: string[] = [];
  for (const deployment of wanted) {
    if (!live.has(deployment) && (await readRecord(ml, letThrough(endpoint, deployment))) === undefined)
      fresh.push(deployment);
  }
  if (release === undefined) {
    refuseUnknown(endpoint, fresh);
    return;
  }
  const { name } = await plan(deps, workspaces, release);
  refuseUnknown(
    endpoint,
    fresh.filter((deployment) => deployment !== name),
  );
  if (!wanted.includes(name)) return;
  await requireApproval(deps, workspaces, release);
  await writeRecord(ml, letThrough(endpoint, name), { release, at: new Date().toISOString() });
}

async function liveDeployments(ml: AzureMl, endpoint: string): Promise<Set<string>> {
  const traffic = (await getEndpoint(ml, endpoint))?.traffic ?? {};
  return new Set(Object.entries(traffic).flatMap(([name, percent]) => (percent > 0 ? [name] : [])));
}

/** Kept in Blob, where writers of the Temporal namespace cannot write. */
function letThrough(endpoint: string, deployment: string): string {
  return `mlops/endpoints/${endpoint}/let-through/${deployment}.json`;
}

function refuseUnknown(endpoint: string, deployments: readonly string[]): void {
  if (deployments.length === 0) return;
  throw new NotAllowed([
    {
      code: 'NotApproved',
      message: `${deployments.join(', ')} on ${endpoint} neither serves now nor was let through before; ask for it with a release`,
    },
  ]);
}

async function requireApproval(deps: Dependencies, workspaces: Workspaces, release: Release): Promise<void> {
  const open = await openProject(deps, release);
  const rule = environmentOf(open, release.environment).approval;
  if (rule === undefined) return;
  const { code } = await collectEvidence(deps, workspaces, release, release.lifecycleRunId);
  const decisions: Decision[] = await readAnswers(deps, release, code);
  const askedAt = release.requestedAt;
  const proven = await prove(deps, release, rule, decisions, { askedAt });
  const { outcome, record } = decide(rule, proven, { code, askedAt, now: Date.now() });
  if (outcome.kind === 'approved') return;
  const refusals = record.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal]));
  throw new NotAllowed([
    {
      code: 'NotApproved',
      message: `${release.model.name}:${release.model.version} has no valid approval ${code} for ${release.environment} (${outcome.kind})${refusals.length === 0 ? '' : `: ${refusals.join('; ')}`}`,
    },
  ]);
}
