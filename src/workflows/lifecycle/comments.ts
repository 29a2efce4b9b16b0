import { CancellationScope, setHandler } from '@temporalio/workflow';
import { messageOf } from '../failures.js';
import { commentSignal } from '../signals.js';
import { at, type LifecycleBase } from './context.js';

/** Each is a look at GitHub: strangers can send as many as they like, so there is an end to them. */
const mostComments = 50;

/** `/retry` and `/cancel` on GitHub. The signal points to a comment; what it says and who may is read by the worker. */
export function hearComments(base: LifecycleBase, wake: () => void): void {
  const { core, tracker } = base;
  let heard = 0;
  setHandler(
    commentSignal,
    async () => {
      const nth = heard++;
      if (nth >= mostComments) {
        tracker.note(
          `refused comments after the first ${mostComments}: use \`mlops retry\` or \`mlops cancel\``,
        );
        return;
      }
      try {
        // A `/cancel` that counts cancels this run, and who asked must still be told.
        const { by, asks, problem } = await CancellationScope.nonCancellable(() =>
          core.obeyComment({ ...at(base), nth }),
        );
        if (asks === undefined) tracker.note(`refused a comment by ${by}: ${problem ?? 'not allowed'}`);
        else tracker.note(`${asks} by ${by} (comment on GitHub)`);
        if (asks === 'retry') wake();
      } catch (error) {
        tracker.note(`a comment could not be read, write it again: ${messageOf(error)}`);
      }
    },
    { description: 'From GitHub: `{"comment_id": …}` of a comment `/retry` or `/cancel`.' },
  );
}
