import { activityInfo } from '@temporalio/activity';
import { verifyLifecycleComment } from '../github/index.js';
import { messages } from '../workflows/messages.js';
import { commentOf, ownRun } from './approvals.js';
import type { CommentVerdict, CoreActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import type { SentSignal } from './histories.js';
import { commentCountsForMs, messageOf } from './steering.js';

export function lifecycleCommentActivities(deps: Dependencies): Pick<CoreActivities, 'obeyComment'> {
  return {
    async obeyComment({ source, project, nth }) {
      const named = (await ownRun(deps)).signals.filter(({ name }) => name === messages.comment);
      const signal = named[nth];
      const comment = signal && commentIn(signal);
      if (signal === undefined || comment === undefined) return nobody('it names no comment');
      if (source.directory !== undefined) return nobody('this lifecycle is of a folder, not of a repository');
      if (named.slice(0, nth).some((earlier) => commentIn(earlier) === comment))
        return nobody('the same comment again');
      const { proof, asks } = await verifyLifecycleComment(deps.github, source.repository, comment, {
        project,
        notBefore: signal.at - commentCountsForMs,
      });
      const { person: by, problem } = proof;
      if (!proof.allowed || asks === undefined) return { by, problem: problem ?? 'not allowed' };
      if (asks === 'cancel') await cancelOwn(deps);
      return { by, asks };
    },
  };
}

function nobody(problem: string): CommentVerdict {
  return { by: 'somebody', problem };
}

function commentIn(signal: SentSignal): number | undefined {
  return commentOf(messageOf(signal));
}

async function cancelOwn({ temporal }: Dependencies): Promise<void> {
  const { workflowExecution: own } = activityInfo();
  if (own !== undefined) await temporal.workflow.getHandle(own.workflowId, own.runId).cancel();
}
