import { activityInfo } from '@temporalio/activity';
import {
  archiveModel,
  type AzureMl,
  beginDeleteEndpoint,
  findModel,
  listEndpoints,
  servedModels,
  surveyEndpoint,
  writeRecord,
} from '../azureml/index.js';
import { retirementPath } from '../domain/keys.js';
import { endpointKinds } from '../domain/project.js';
import type { RetirementOrder } from '../domain/retirement.js';
import { workflowTypes } from '../workflows/messages.js';
import type { WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { NotAllowed } from './errors.js';
import { collectEvidence } from './evidence.js';
import { refuseForeign, requireAnswers, type TrafficChange } from './guard.js';
import { beating } from './heartbeat.js';
import { readRun } from './histories.js';
import { environmentOf, openProject } from './projects.js';
import { judgeSteering } from './steering.js';
import { isKept, projectTag, repositoryTag } from '../domain/tags.js';
import type { Workspaces } from './workspaces.js';

type RetiringActivities = Pick<
  WorkspaceActivities,
  'strandedEndpoints' | 'surveyEndpoint' | 'beginRetirement' | 'beginDeleteEndpoint' | 'finishRetirement'
>;

const dayMs = 24 * 3_600_000;

export function retiringActivities(deps: Dependencies, workspaces: Workspaces): RetiringActivities {
  return {
    async strandedEndpoints({ workspace, ...at }) {
      const { endpoints } = await openProject(deps, at);
      const inForce = Object.values(endpoints).flatMap((target) =>
        target.workspace === workspace ? [target.endpoint] : [],
      );
      const ml = workspaces.client(workspace);
      const all = await Promise.all(endpointKinds.map((kind) => listEndpoints(ml, kind)));
      return all.flat().flatMap(({ name, tags }) => {
        const ours = tags[projectTag] === at.project && tags[repositoryTag] === at.source.repository;
        return ours && !inForce.includes(name) ? [name] : [];
      });
    },

    async surveyEndpoint({ workspace, endpoint, kind, days }) {
      const toMs = Date.now();
      const window = { fromMs: toMs - days * dayMs, toMs };
      return await surveyEndpoint(workspaces.client(workspace), endpoint, window, kind);
    },

    beginRetirement: ({ workspace, endpoint, kind = 'online', order }) =>
      beating(async () => {
        const ml = workspaces.client(workspace);
        await allowRetirement(deps, workspaces, { ml, endpoint, kind }, order);
        const path = retirementPath(endpoint, order.at);
        await writeRecord(ml, path, { ...order, endpoint, state: 'begun' });
        return { path };
      }),

    beginDeleteEndpoint: ({ workspace, endpoint, kind = 'online', order }) =>
      beating(async () => {
        const ml = workspaces.client(workspace);
        await allowRetirement(deps, workspaces, { ml, endpoint, kind }, order);
        return (await beginDeleteEndpoint(ml, endpoint, kind)) ?? null;
      }),

    finishRetirement: ({ workspace, endpoint, order }) =>
      beating(async () => {
        const ml = workspaces.client(workspace);
        const models = await archiveAll(ml, order.models);
        const record = { ...order, endpoint, state: 'retired', retiredAt: new Date().toISOString(), models };
        await writeRecord(ml, retirementPath(endpoint, order.at), record);
        return { models };
      }),
  };
}

/**
 * The last guard before an endpoint goes: rule, operator and approvers are read again, from the history of the
 * endpoint's one owner as the server holds it.
 * @throws NotAllowed
 */
async function allowRetirement(
  deps: Dependencies,
  workspaces: Workspaces,
  place: Pick<TrafficChange, 'ml' | 'endpoint' | 'kind'>,
  { release, text, askedIn, saidIn, nth, at }: RetirementOrder,
): Promise<void> {
  const { endpoint } = place;
  await refuseForeign(deps, release, place);
  const open = await openProject(deps, release);
  const workflowId = activityInfo().workflowExecution?.workflowId ?? '';
  const refuse = (message: string): NotAllowed => new NotAllowed([{ code: 'NotApproved', message }]);
  if (open.endpoints[release.environment]?.workflowId !== workflowId)
    throw refuse(`${workflowId} does not own the endpoint ${endpoint}`);
  const run = await readRun(deps.temporal, workflowId, saidIn);
  const verdict = await judgeSteering(deps, release, { action: 'retire', nth, run });
  if (!verdict.allowed)
    throw refuse(`${verdict.by} may not retire ${endpoint}: ${verdict.problem ?? 'no operator'}`);
  const rule = environmentOf(open, release.environment).approval;
  if (rule === undefined) return;
  const { code } = await collectEvidence(deps, workspaces, release, { runId: askedIn, steering: text });
  await requireAnswers(deps, release, {
    ...{ rule, code },
    asker: { workflowId, runId: askedIn, workflowType: workflowTypes.endpoint, requestedAt: at },
    what: `retiring ${endpoint} has no valid approval ${code}`,
  });
}

/** One line a model version: what became of it. */
async function archiveAll(ml: AzureMl, models: RetirementOrder['models']): Promise<string[]> {
  const served = await servedModels(ml);
  const lines: string[] = [];
  for (const { name, version } of models) {
    const id = `${name}:${version}`;
    const where = served.get(id);
    const tags = (await findModel(ml, name, version))?.tags;
    if (where !== undefined) lines.push(`${id} stays: it is deployed as ${where}`);
    else if (tags === undefined) lines.push(`${id} is not registered here`);
    else if (isKept(tags)) lines.push(`${id} stays: somebody keeps it`);
    else if (tags[projectTag] === undefined) lines.push(`${id} stays: something else registered it`);
    else {
      await archiveModel(ml, { name, version });
      lines.push(`${id} archived`);
    }
  }
  return lines;
}
