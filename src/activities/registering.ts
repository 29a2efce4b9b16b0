import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import {
  type AzureMl,
  type JobModel,
  registerModel,
  signatureAt,
  workingRun,
  writeBlob,
} from '../azureml/index.js';
import type { SignatureChange } from '../domain/contract.js';
import { cardPath, lockPath } from '../domain/keys.js';
import type { Lineage } from '../domain/model.js';
import { cardTag, contractTag, lifecycleTag, lineageTags, longestTag } from '../domain/tags.js';
import type { ModelToRegister, WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { beating } from './heartbeat.js';
import { packageReport } from './packages.js';
import { type OpenProject, openProject } from './projects.js';
import { candidateOf, modelOf } from './training.js';
import type { Workspaces } from './workspaces.js';

type Registration = Parameters<WorkspaceActivities['registerModel']>[0];

/** Registers models with what they come from, and keeps what people want to know of them beside the records. */
export function registeringActivities(
  deps: Dependencies,
  workspaces: Workspaces,
): Pick<WorkspaceActivities, 'registerModel'> {
  return {
    registerModel: (input) =>
      beating(async () => {
        const open = await openProject(deps, input);
        return await register(workspaces.client(open.project.workspace), open, input);
      }),
  };
}

async function register(
  ml: AzureMl,
  open: OpenProject,
  { toRegister, verdict, source, lifecycleId }: Registration,
): ReturnType<WorkspaceActivities['registerModel']> {
  const { project } = open;
  const { job, contract } = toRegister;
  const model = await modelToRegister(ml, open, toRegister);
  const lineage: Lineage = {
    ...toRegister,
    repository: source.repository,
    project: project.name,
    commit: source.commit,
  };
  const ref = {
    name: project.register.name,
    // Named by what it is: registering the same job's model again finds it.
    version: createHash('sha256').update(`${job}\n${model.hash}`).digest('hex').slice(0, 12),
  };
  const card = cardPath(project.name, ref);
  const { name, version } = await registerModel(ml, {
    ...ref,
    type: model.type,
    path: model.path,
    ...(model.flavors !== undefined && { flavors: model.flavors }),
    job,
    tags: {
      ...lineageTags(lineage, model.hash),
      [lifecycleTag]: lifecycleId,
      [cardTag]: card,
      ...contractTags(contract),
    },
    description: verdict.summary,
  });
  const { modelCard } = await import('../reports/index.js');
  const described = { ...ref, lineage, summary: verdict.summary, hash: model.hash, ...toRegister };
  await writeBlob(ml, card, modelCard({ ...described, signature: await signatureAt(ml, model.path) }));
  await keepLock(ml, lockPath(project.name, ref), toRegister);
  return { name, version, workspace: project.workspace };
}

async function modelToRegister(
  ml: AzureMl,
  open: OpenProject,
  { candidate, job }: ModelToRegister,
): Promise<JobModel> {
  const { model: output, metricsFrom } = candidateOf(open, candidate);
  const model = await modelOf(ml, job, await workingRun(ml, job, metricsFrom), output);
  if (model !== undefined) return model;
  throw ApplicationFailure.nonRetryable(`the model of job ${job} is gone from its artifacts`, 'NotFound');
}

/** The versions that the model was loaded with: what it asks for may be met by others tomorrow. */
async function keepLock(ml: AzureMl, path: string, { package: checked }: ModelToRegister): Promise<void> {
  const report = checked === undefined ? undefined : await packageReport(ml, checked.job);
  if (report !== undefined) await writeBlob(ml, path, `${report.packages.join('\n')}\n`);
}

/** The approver's question shows it, from the model as it is registered. */
function contractTags({ breaks }: SignatureChange = { breaks: [], notes: [] }): Record<string, string> {
  if (breaks.length === 0) return {};
  const text = breaks.join('; ');
  return { [contractTag]: text.length > longestTag ? `${text.slice(0, longestTag - 1)}…` : text };
}
