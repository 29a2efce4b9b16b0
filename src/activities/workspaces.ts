import { ApplicationFailure } from '@temporalio/common';
import type { AzureMl } from '../azureml/index.js';
import { localTarget } from '../domain/policy-check.js';
import type { WorkspaceTarget } from '../domain/policy.js';
import type { Dependencies } from './dependencies.js';

/** Clients by workspace alias, for activities that need no project: aliases mean what the policy says. */
export interface Workspaces {
  target(alias: string): WorkspaceTarget;
  client(alias: string): AzureMl;
}

export function createWorkspaces(deps: Dependencies): Workspaces {
  const target = (alias: string): WorkspaceTarget => {
    if (deps.policy === undefined && deps.loopback) return localTarget(alias);
    const found = deps.policy?.workspaces[alias];
    if (found !== undefined) return found;
    const known = Object.keys(deps.policy?.workspaces ?? {}).join(', ');
    throw ApplicationFailure.nonRetryable(
      `workspace ${alias} is not in policy.yml; known: ${known}`,
      'NotAllowed',
    );
  };
  return { target, client: (alias) => deps.azure(target(alias)) };
}
