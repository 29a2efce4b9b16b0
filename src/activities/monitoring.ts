import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { type AzureMl, dataVersion, downloadAsset, downloadCollected, writeBlob } from '../azureml/index.js';
import type { Environment } from '../domain/project.js';
import type { MonitoringResult } from '../workflows/messages.js';
import type { WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { beating } from './heartbeat.js';
import { environmentOf, type OpenProject, openProject } from './projects.js';
import type { Workspaces } from './workspaces.js';

type Monitor = NonNullable<Environment['monitor']>;

export function monitoringActivities(
  deps: Dependencies,
  workspaces: Workspaces,
): Pick<WorkspaceActivities, 'analyseDrift'> {
  return {
    analyseDrift: (input) =>
      beating(async () => {
        const open = await openProject(deps, input);
        const { monitor } = environmentOf(open, input.environment);
        if (monitor === undefined) {
          throw ApplicationFailure.nonRetryable(
            `environment ${input.environment} has no monitor any more`,
            'SpecInvalid',
          );
        }
        const dir = await mkdtemp(join(tmpdir(), 'mlops-monitor-'));
        try {
          return await analyse(workspaces, open, monitor, input, dir);
        } finally {
          await rm(dir, { recursive: true, force: true });
        }
      }),
  };
}

async function analyse(
  workspaces: Workspaces,
  { project }: OpenProject,
  monitor: Monitor,
  { endpoint, workspace, environment, atMs }: Parameters<WorkspaceActivities['analyseDrift']>[0],
  dir: string,
): Promise<MonitoringResult> {
  const ml = workspaces.client(workspace);
  const window = { fromMs: atMs - monitor.windowMs, toMs: atMs };
  const [collectedInputs, baseline] = await Promise.all([
    downloadCollected(ml, { endpoint, collection: 'model_inputs', ...window }, join(dir, 'collected')),
    downloadBaseline(workspaces.client(project.workspace), monitor.baseline, join(dir, 'baseline')),
  ]);
  const [{ analyse: analyseFiles }, { driftReport }] = await Promise.all([
    import('../monitoring/index.js'),
    import('../reports/index.js'),
  ]);
  const analysis = await analyseFiles({
    collectedInputs,
    baseline: [baseline],
    windowFromMs: window.fromMs,
    windowToMs: window.toMs,
    plan: monitor,
    ...(monitor.mode !== undefined && { mode: monitor.mode }),
  });
  const { html, markdown } = await driftReport({
    project: project.name,
    endpoint,
    environment,
    window,
    analysis,
  });
  const folder = `mlops/${project.name}/monitoring/${endpoint}/${new Date(atMs).toISOString().replaceAll(':', '-')}`;
  await writeBlob(ml, `${folder}/drift.html`, html);
  await writeBlob(ml, `${folder}/drift.md`, markdown);
  return {
    verdict: analysis.verdict,
    summary: analysis.summary,
    findings: analysis.features.map(({ feature, metric, value, threshold, breached }) => ({
      feature,
      metric,
      value,
      threshold,
      breached,
    })),
    report: `${folder}/drift.html`,
    onBreach: monitor.onBreach,
  };
}

async function downloadBaseline(ml: AzureMl, reference: string, dir: string): Promise<string> {
  const [, name, version] = /^azureml:([^:@]+)(?:[:@](.+))?$/.exec(reference) ?? [];
  const data = name === undefined ? undefined : await dataVersion(ml, name, version ?? 'latest');
  if (data === undefined) {
    throw ApplicationFailure.nonRetryable(
      `monitor.baseline ${reference} names no data asset of workspace ${ml.target.alias}; expected azureml:<name>@latest or azureml:<name>:<version>`,
      'SpecInvalid',
    );
  }
  return await downloadAsset(ml, data.uri, dir);
}
