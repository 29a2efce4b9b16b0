import { type AzureMl, downloadCollected, requestStats } from '../azureml/index.js';
import {
  comparePredictions,
  compareRequests,
  type Comparison,
  type PredictionShift,
} from '../domain/comparison.js';
import type { WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { beating } from './heartbeat.js';
import { measure } from './measure.js';
import { readPredictions } from './predictions.js';
import { withTemporaryFolder } from './temporary-folder.js';
import type { Workspaces } from './workspaces.js';

type Request = Parameters<WorkspaceActivities['compareDeployments']>[0];

/** Reads what a rollout's step is judged by. Rows stay here; a workflow gets figures. */
export function comparingActivities(
  deps: Dependencies,
  workspaces: Workspaces,
): Pick<WorkspaceActivities, 'compareDeployments'> {
  return {
    compareDeployments: (request) => beating(() => compareDeployments(deps, workspaces, request)),
  };
}

async function compareDeployments(
  deps: Dependencies,
  workspaces: Workspaces,
  request: Request,
): Promise<Comparison> {
  const { workspace, endpoint, challenger, champion, fromMs, toMs, slower, metrics } = request;
  const ml = workspaces.client(workspace);
  const rowsOf = (deployment: string): ReturnType<typeof requestStats> =>
    requestStats(ml, { endpoint, deployment, fromMs, toMs });
  const [ours, theirs, predictions, measured] = await Promise.all([
    rowsOf(challenger),
    champion === undefined ? undefined : rowsOf(champion),
    request.predictions && champion !== undefined ? shiftOf(ml, request, champion) : undefined,
    Promise.all(
      metrics.map(
        async (rule) =>
          [
            rule.name,
            await measure(deps, ml, rule, { endpoint, deployment: challenger, fromMs, toMs }),
          ] as const,
      ),
    ),
  ]);
  return {
    ...compareRequests(ours, theirs, slower),
    ...(predictions !== undefined && { predictions }),
    ...(metrics.length > 0 && { metrics: Object.fromEntries(measured) }),
  };
}

/** Answers of both deployments in the window, as the data collector kept them. */
async function shiftOf(
  ml: AzureMl,
  { endpoint, challenger, fromMs, toMs }: Request,
  champion: string,
): Promise<PredictionShift | undefined> {
  return await withTemporaryFolder('predictions', async (dir) => {
    const answersOf = async (deployment: string): ReturnType<typeof readPredictions> => {
      const window = { fromMs, toMs };
      const files = await downloadCollected(
        ml,
        { endpoint, deployment, collection: 'model_outputs', ...window },
        dir,
      );
      return await readPredictions(files, window);
    };
    return comparePredictions(await answersOf(challenger), await answersOf(champion));
  });
}
