import { type AzureMl, getDeployment, getEndpoint, readRecord, writeRecord } from '../azureml/index.js';
import { decide } from '../domain/approval-rules.js';
import type { ApprovalRule, EndpointKind } from '../domain/project.js';
import type { Release, Traffic } from '../domain/release.js';
import { opensAt } from '../domain/window.js';
import { workflowTypes } from '../workflows/messages.js';
import { prove } from './approvals.js';
import type { At } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { NotAllowed } from './errors.js';
import { collectEvidence } from './evidence.js';
import { environmentOf, openProject } from './projects.js';
import { type Asker, readAnswers } from './answers.js';
import { plan } from './deployment-plan.js';
import type { Workspaces } from './workspaces.js';

export interface TrafficChange {
  readonly ml: AzureMl;
  readonly endpoint: string;
  readonly kind: EndpointKind;
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
  const { release, ml, endpoint, kind } = change;
  const live = await liveDeployments(change);
  const wanted = Object.entries({ ...change.traffic, ...change.mirror }).flatMap(([name, percent]) =>
    percent > 0 ? [name] : [],
  );
  const fresh: string[] = [];
  for (const deployment of wanted) {
    if (!live.has(deployment) && (await readRecord(ml, letThrough(endpoint, deployment, kind))) === undefined)
      fresh.push(deployment);
  }
  if (release === undefined) {
    refuseUnknown(endpoint, fresh);
    return;
  }
  await refuseForeign(deps, release, change);
  const { deployment, approve } = await challengerOf(deps, workspaces, change, release);
  refuseUnknown(
    endpoint,
    fresh.filter((name) => name !== deployment),
  );
  if (!wanted.includes(deployment)) return;
  await refuseOutsideWindow(deps, release);
  await approve();
  await writeRecord(ml, letThrough(endpoint, deployment, kind), { release, at: new Date().toISOString() });
}

/** The rules of one environment must not let traffic through to the endpoint of another. */
export async function refuseForeign(
  deps: Dependencies,
  release: Release,
  { ml, endpoint, kind }: Pick<TrafficChange, 'ml' | 'endpoint' | 'kind'>,
): Promise<void> {
  const { endpoints } = await openProject(deps, release);
  const own = endpoints[release.environment];
  const isOwn = own?.endpoint === endpoint && own.workspace === ml.target.alias;
  if (isOwn && (own.kind ?? 'online') === kind) return;
  throw new NotAllowed([
    {
      code: 'NotApproved',
      message: `environment ${release.environment} of ${release.project} serves ${own?.endpoint ?? 'nothing'} (${own?.kind ?? 'online'}), not ${endpoint} (${kind}) in ${ml.target.alias}`,
    },
  ]);
}

/** A step that was begun within its hours may end a little after them. */
const windowGraceMs = 15 * 60_000;

async function refuseOutsideWindow(deps: Dependencies, release: Release): Promise<void> {
  const { window } = environmentOf(await openProject(deps, release), release.environment).rollout;
  const now = Date.now();
  if (window === undefined || opensAt(window, now) <= now) return;
  if (opensAt(window, now - windowGraceMs) <= now - windowGraceMs) return;
  throw new NotAllowed([
    {
      code: 'OutsideWindow',
      message: `traffic of ${release.environment} changes ${window}; next at ${new Date(opensAt(window, now)).toISOString()}`,
    },
  ]);
}

async function liveDeployments({ ml, endpoint, kind }: TrafficChange): Promise<Set<string>> {
  const traffic = (await getEndpoint(ml, endpoint, kind))?.traffic ?? {};
  return new Set(Object.entries(traffic).flatMap(([name, percent]) => (percent > 0 ? [name] : [])));
}

/** Kept in Blob, where writers of the Temporal namespace cannot write. */
export function letThrough(endpoint: string, deployment: string, kind: EndpointKind = 'online'): string {
  const folder = kind === 'online' ? 'endpoints' : `${kind}-endpoints`;
  return `mlops/${folder}/${endpoint}/let-through/${deployment}.json`;
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

/** The deployment that the release would be, and the check that its approval holds for exactly that. */
async function challengerOf(
  deps: Dependencies,
  workspaces: Workspaces,
  change: TrafficChange,
  release: Release,
): Promise<{ deployment: string; approve: () => Promise<void> }> {
  const rule = environmentOf(await openProject(deps, release), release.environment).approval;
  if (rule === undefined) {
    const { name } = await plan(deps, workspaces, release);
    return { deployment: name, approve: () => Promise.resolve() };
  }
  const { code, evidence } = await collectEvidence(deps, workspaces, release, {
    runId: release.lifecycleRunId,
  });
  const { deployment } = evidence.target;
  return {
    deployment,
    approve: async () => {
      await requireApproval(deps, release, rule, code, await championCommit(change, deployment));
    },
  };
}

/** Commit of what serves most besides the challenger: authors of later ones may not approve their own work. */
async function championCommit(
  { ml, endpoint, kind }: TrafficChange,
  challenger: string,
): Promise<string | undefined> {
  const traffic = Object.entries((await getEndpoint(ml, endpoint, kind))?.traffic ?? {});
  const [champion] = traffic.filter(([name]) => name !== challenger).sort(([, a], [, b]) => b - a);
  if (champion === undefined) return undefined;
  return (await getDeployment(ml, endpoint, champion[0], kind))?.tags['mlops.commit'];
}

/** @throws NotAllowed unless the lifecycle's own history holds valid answers to exactly this question */
export async function requireApproval(
  deps: Dependencies,
  release: Release,
  rule: ApprovalRule,
  code: string,
  championCommit: string | undefined,
): Promise<void> {
  const { lifecycleId: workflowId, lifecycleRunId: runId, model, environment, requestedAt } = release;
  await requireAnswers(deps, release, {
    ...{ rule, code, championCommit },
    asker: { workflowId, runId, workflowType: workflowTypes.lifecycle, requestedAt },
    what: `${model.name}:${model.version} has no valid approval ${code} for ${environment}`,
  });
}

export interface ApprovalNeeded {
  readonly asker: Asker;
  readonly rule: ApprovalRule;
  readonly code: string;
  readonly championCommit?: string | undefined;
  /** What is wrong without it. */
  readonly what: string;
}

/** @throws NotAllowed unless the asker's own history holds valid answers to exactly this question */
export async function requireAnswers(
  deps: Dependencies,
  at: At,
  { asker, rule, code, championCommit, what }: ApprovalNeeded,
): Promise<void> {
  const { askedAt, decisions } = await readAnswers(deps, asker, code);
  const proven = await prove(deps, at, rule, decisions, {
    askedAt,
    ...(championCommit !== undefined && { championCommit }),
  });
  const { outcome, record } = decide(rule, proven, { code, askedAt, now: Date.now() });
  if (outcome.kind === 'approved') return;
  const refusals = record.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal]));
  const message = `${what} (${outcome.kind})${refusals.length === 0 ? '' : `: ${refusals.join('; ')}`}`;
  throw new NotAllowed([{ code: 'NotApproved', message }]);
}
