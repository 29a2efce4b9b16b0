import { writeBlob } from '../azureml/index.js';
import type { MonitorPlan } from '../domain/project.js';
import { concludeLook } from '../domain/monitoring.js';
import { pastLook } from '../domain/past-look.js';
import type { MonitoringResult } from '../workflows/messages.js';
import type { WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { beating } from './heartbeat.js';
import { measuredThere } from './monitoring-jobs.js';
import { healthOf, measureHere } from './monitoring-look.js';
import { lookFolder, looksFolder, readLooks, writeLook } from './past-looks.js';
import { monitorOf, type OpenProject, openProject } from './projects.js';
import { withTemporaryFolder } from './temporary-folder.js';
import type { Workspaces } from './workspaces.js';

export function monitoringActivities(
  deps: Dependencies,
  workspaces: Workspaces,
): Pick<WorkspaceActivities, 'analyseDrift'> {
  return {
    analyseDrift: (input) =>
      beating(async () => {
        const open = await openProject(deps, input);
        const monitor = monitorOf(open, input.environment);
        return await withTemporaryFolder('monitor', async (dir) => {
          return await analyse(workspaces, open, monitor, input, dir);
        });
      }),
  };
}

async function analyse(
  workspaces: Workspaces,
  { project }: OpenProject,
  monitor: MonitorPlan,
  { endpoint, workspace, environment, atMs, analysis }: Parameters<WorkspaceActivities['analyseDrift']>[0],
  dir: string,
): Promise<MonitoringResult> {
  const ml = workspaces.client(workspace);
  const window = { fromMs: atMs - monitor.windowMs, toMs: atMs };
  const watched = { endpoint, window };
  const clients = { endpoint: ml, training: workspaces.client(project.workspace) };
  const measured =
    analysis === undefined
      ? await measureHere(clients, monitor, watched, dir)
      : await measuredThere(ml, monitor, watched, analysis, dir);
  const look = { ...measured, ...(await healthOf(ml, watched)) };
  const { verdict, summary } = concludeLook(look);
  const now = pastLook(look, atMs);
  const past = await readLooks(ml, looksFolder(project.name, endpoint), atMs);
  const { driftReport } = await import('../reports/index.js');
  const { html, markdown } = await driftReport({
    project: project.name,
    endpoint,
    environment,
    window,
    analysis: { ...look.drift, verdict, summary },
    look,
    trend: [...past, now],
    baseline: monitor.baseline,
  });
  const folder = lookFolder(project.name, endpoint, atMs);
  await writeLook(ml, folder, now);
  await writeBlob(ml, `${folder}/drift.html`, html);
  await writeBlob(ml, `${folder}/drift.md`, markdown);
  const features = [...look.drift.features, ...(look.predictions?.features ?? [])];
  return {
    verdict,
    summary,
    findings: features.map(({ feature, metric, value, threshold, breached }) => ({
      feature,
      metric,
      value,
      threshold,
      breached,
    })),
    report: `${folder}/drift.html`,
    onBreach: monitor.onBreach,
    ...(monitor.retraining !== undefined && { retraining: monitor.retraining }),
  };
}
