import { type DeploymentView, type EndpointView, getEndpoint, listDeployments } from '../../azureml/index.js';
import { azureClients } from '../../connections.js';
import { formatMistake } from '../../domain/mistake.js';
import type { WorkspaceTarget } from '../../domain/policy.js';
import { loadSettings } from '../../settings.js';
import { parsePolicy } from '../../spec/index.js';
import { badInput } from '../failures.js';
import type { Io } from '../io.js';
import { policyText } from './policy-text.js';
import type { Proposal } from './proposal.js';

/** What the project's endpoint serves today, as people read it; it becomes the first champion. */
export async function liveText({ env }: Pick<Io, 'env'>, proposal: Proposal): Promise<string> {
  const { serving } = proposal;
  if (serving === undefined) return 'no endpoint is deployed to: nothing to look at';
  const ml = azureClients(loadSettings(env), env)(targetOf(proposal));
  const endpoint = await getEndpoint(ml, serving.name);
  return servedText(
    serving.name,
    endpoint,
    endpoint === undefined ? [] : await listDeployments(ml, serving.name),
  );
}

export function servedText(
  name: string,
  endpoint: Pick<EndpointView, 'traffic'> | undefined,
  deployments: readonly Pick<DeploymentView, 'name' | 'model'>[],
): string {
  if (endpoint === undefined) return `${name} does not exist yet: the first release makes it`;
  const shares = Object.entries(endpoint.traffic);
  if (shares.length === 0)
    return `${name} exists and gives no deployment traffic: the first release takes all of it`;
  const modelOf = (deployment: string): string =>
    deployments
      .find((one) => one.name.toLowerCase() === deployment)
      ?.model?.replace(/^.*\/models\/(.+)\/versions\//, '$1:') ?? 'a model of its own';
  const served = shares
    .map(([deployment, share]) => `${deployment} ${share} % (${modelOf(deployment)})`)
    .join(', ');
  return `${name} serves ${served}: it becomes the first champion, and the first release goes up beside it step by step`;
}

/** The workspace of the proposed policy; whoever asks for the live endpoint has said, or answered, which one it is. */
function targetOf(proposal: Proposal): WorkspaceTarget {
  const parsed = parsePolicy(policyText(proposal), { file: 'policy.yml' });
  const target = parsed.ok ? parsed.policy.workspaces['dev'] : undefined;
  if (target !== undefined) return target;
  const mistakes = parsed.ok ? [] : parsed.mistakes.map(formatMistake);
  throw badInput(
    [
      '--live: which workspace serves is not known; give --subscription, --resource-group, --workspace and --location',
      ...mistakes,
    ].join('\n'),
  );
}
