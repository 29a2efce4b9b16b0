import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import {
  findModel,
  findShared,
  getDeployment,
  getEndpoint,
  jobModel,
  modelOf,
  registerModel,
  sharedModelId,
  writeBlob,
  writeRecord,
} from '../azureml/index.js';
import { recordPath } from '../domain/keys.js';
import type { WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { beating } from './heartbeat.js';
import { openProject } from './projects.js';
import { contractTag, dataOf, lifecycleTag, lineageTags, longestTag, metricsOf } from '../domain/tags.js';
import type { SignatureChange } from '../domain/contract.js';
import { candidateOf } from './training.js';
import { predictedOf } from './held-out.js';
import type { Workspaces } from './workspaces.js';

type ModelActivities = Pick<
  WorkspaceActivities,
  'championOf' | 'registerModel' | 'findModel' | 'writeEvaluationReport' | 'writeRecord'
>;

export function modelActivities(deps: Dependencies, workspaces: Workspaces): ModelActivities {
  return {
    async championOf({ target, source, project }) {
      const ml = workspaces.client(target.workspace);
      const endpoint = await getEndpoint(ml, target.endpoint, target.kind);
      const serving = Object.entries(endpoint?.traffic ?? {}).sort(([, a], [, b]) => b - a)[0]?.[0];
      if (serving === undefined) return null;
      const id = (await getDeployment(ml, target.endpoint, serving, target.kind))?.model;
      const served = modelOf(id);
      if (served === undefined) return null;
      const { name, version } = served;
      const { registry } = (await openProject(deps, { source, project })).grant;
      const shared = registry !== undefined && id === sharedModelId(registry.name, served);
      const model = shared ? await findShared(ml, registry, served) : await findModel(ml, name, version);
      const tags = model?.tags ?? {};
      return {
        ...{ model: name, version, commit: tags['mlops.commit'] ?? '' },
        ...{ metrics: metricsOf(tags), data: dataOf(tags) },
      };
    },

    registerModel: ({ toRegister, verdict, ...at }) =>
      beating(async () => {
        const open = await openProject(deps, at);
        const { project } = open;
        const { candidate, job } = toRegister;
        const ml = workspaces.client(project.workspace);
        const model = await jobModel(ml, job, candidateOf(open, candidate).model);
        if (model === undefined) {
          throw ApplicationFailure.nonRetryable(
            `the model of job ${job} is gone from its artifacts`,
            'NotFound',
          );
        }
        const lineage = {
          ...toRegister,
          repository: at.source.repository,
          project: project.name,
          commit: at.source.commit,
        };
        const { name, version } = await registerModel(ml, {
          name: project.register.name,
          // Named by what it is: registering the same job's model again finds it.
          version: createHash('sha256').update(`${job}\n${model.hash}`).digest('hex').slice(0, 12),
          type: model.type,
          path: model.path,
          ...(model.flavors !== undefined && { flavors: model.flavors }),
          job,
          tags: {
            ...lineageTags(lineage, model.hash),
            [lifecycleTag]: at.lifecycleId,
            ...contractTags(toRegister.contract),
          },
          description: verdict.summary,
        });
        return { name, version, workspace: project.workspace };
      }),

    async findModel({ model, version, ...at }) {
      const { project } = await openProject(deps, at);
      const found = await findModel(workspaces.client(project.workspace), model, version);
      if (found === undefined) {
        throw ApplicationFailure.nonRetryable(
          `model ${model}:${version} is not registered in workspace ${project.workspace}; see \`mlops list\``,
          'NotFound',
        );
      }
      if (found.tags['mlops.project'] !== project.name) {
        throw ApplicationFailure.nonRetryable(
          `model ${model}:${version} belongs to project ${found.tags['mlops.project'] ?? '(none)'}, not to ${project.name}`,
          'NotAllowed',
        );
      }
      return { name: model, version, workspace: project.workspace };
    },

    writeEvaluationReport: ({ candidates, gate, champion, trigger, ...at }) =>
      beating(async () => {
        const open = await openProject(deps, at);
        const { project } = open;
        const ml = workspaces.client(project.workspace);
        const { evaluationReport } = await import('../reports/index.js');
        const predicted = await predictedOf(ml, open, candidates, gate?.best, champion);
        const report = await evaluationReport({
          project: project.name,
          repository: at.source.repository,
          commit: at.source.commit,
          trigger,
          candidates,
          predicted,
          ...(project.gate !== undefined && { gate: project.gate }),
          ...(gate !== undefined && { verdict: gate }),
          ...(champion !== undefined && { champion }),
        });
        const folder = recordPath(project.name, at.source.commit, trigger);
        await writeBlob(ml, `${folder}/evaluation.html`, report.html);
        await writeBlob(ml, `${folder}/evaluation.md`, report.markdown);
        return { report: `${folder}/evaluation.html` };
      }),

    async writeRecord({ trigger, status, ...at }) {
      const { project } = await openProject(deps, at);
      const path = `${recordPath(project.name, at.source.commit, trigger)}/lifecycle.json`;
      await writeRecord(workspaces.client(project.workspace), path, status);
      return { path };
    },
  };
}

/** The approver's question shows it, from the model as it is registered. */
function contractTags({ breaks }: SignatureChange = { breaks: [], notes: [] }): Record<string, string> {
  if (breaks.length === 0) return {};
  const text = breaks.join('; ');
  return { [contractTag]: text.length > longestTag ? `${text.slice(0, longestTag - 1)}…` : text };
}
