import { condition, workflowInfo } from '@temporalio/workflow';
import type { Release } from '../../domain/release.js';
import { awaitApproval } from '../approval.js';
import { courtesyActivities } from '../proxies.js';
import type { Owner } from './context.js';
import { show } from './state.js';

/** With `yes` who approved; nobody where nobody has to. */
export type Answered =
  | { readonly yes: true; readonly approvedBy: readonly string[] }
  | { readonly yes: false; readonly why: string };

/**
 * Asks the approvers of a release's environment whether something may happen that they have not approved. Where the
 * environment asks nobody, the operator who said it is enough.
 * @param steering what would happen; part of the evidence
 * @param moot whether there is nothing to decide any more
 */
export async function askApprovers(
  owner: Owner,
  release: Release,
  steering: string,
  moot: () => boolean,
): Promise<Answered> {
  const { core, parking, activities } = owner;
  const at = { source: release.source, project: release.project };
  const { project } = await parking.step('load', () => core.loadProject(at));
  const rule = project.environments.find(({ name }) => name === release.environment)?.approval;
  if (rule === undefined) return { yes: true, approvedBy: [] };
  await condition(() => owner.approval === undefined || moot());
  if (moot()) return { yes: false, why: 'there is nothing to decide any more' };
  const { workflowId, runId } = workflowInfo();
  const evidence = await parking.step('evidence', () =>
    activities.transfer.collectEvidence({ release, runId, steering }),
  );
  const announce = (state: 'pending' | 'approved' | 'rejected' | 'expired'): Promise<void> =>
    courtesyActivities()
      .announceApproval({
        ...at,
        lifecycleId: workflowId,
        environment: release.environment,
        evidence,
        endpointWorkflowId: workflowId,
        state,
      })
      .catch(() => undefined);
  await announce('pending');
  const outcome = await awaitApproval({
    environment: release.environment,
    evidence,
    rule,
    verify: (decisions, askedAt) =>
      parking.step('verify decisions', () =>
        core.verifyDecisions({ ...at, environment: release.environment, decisions, askedAt }),
      ),
    changed: (pending) => {
      if (pending === undefined) delete owner.approval;
      else owner.approval = pending;
      show(owner);
    },
    withdrawn: moot,
  });
  delete owner.approval;
  switch (outcome.kind) {
    case 'approved':
      await announce('approved');
      return { yes: true, approvedBy: outcome.by };
    case 'rejected':
    case 'expired':
      await announce(outcome.kind);
      return {
        yes: false,
        why: outcome.kind === 'expired' ? 'nobody approved it in time' : `rejected by ${outcome.by}`,
      };
    case 'pending':
    case 'withdrawn':
    case 'outgrown':
      return { yes: false, why: 'there is nothing to decide any more' };
  }
}
