import { ApplicationFailure } from '@temporalio/common';
import {
  findModel,
  findShared,
  getDeployment,
  getEndpoint,
  modelOf,
  sharedModelId,
  writeBlob,
  writeRecord,
} from '../azureml/index.js';
import { recordPath } from '../domain/keys.js';
import type { WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { beating } from './heartbeat.js';
import { openProject } from './projects.js';
import { dataOf, metricsOf } from '../domain/tags.js';
import { predictedOf } from './held-out.js';
import type { Workspaces } from './workspaces.js';

type ModelActivities = Pick<
  WorkspaceActivities,
  'championOf' | 'findModel' | 'writeEvaluationReport' | 'writeRecord'
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
