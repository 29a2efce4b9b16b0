import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReplayHistoriesIterable } from '@temporalio/worker';

export const historiesFolder = join(import.meta.dirname, '../histories');

export interface RecordedHistory {
  readonly name: string;
  readonly workflowType: string;
  readonly workflowId: string;
  /** JSON as the SDK writes and reads it. */
  readonly history: object;
}

interface StartedEvent {
  readonly workflowExecutionStartedEventAttributes: {
    readonly workflowType: { readonly name: string };
    readonly workflowId: string;
  };
}

/** Every history of the folder. Ids of children derive from a workflow's own, so a replay needs it. */
export async function recordedHistories(): Promise<RecordedHistory[]> {
  const files = (await readdir(historiesFolder)).filter((file) => file.endsWith('.json'));
  return await Promise.all(
    files.map(async (file) => {
      const history = JSON.parse(await readFile(join(historiesFolder, file), 'utf8')) as {
        events: [StartedEvent];
      };
      const { workflowType, workflowId } = history.events[0].workflowExecutionStartedEventAttributes;
      return { name: file, workflowType: workflowType.name, workflowId, history };
    }),
  );
}

/** As the replayer takes them. */
export function replayable(histories: readonly RecordedHistory[]): ReplayHistoriesIterable {
  return (async function* () {
    for (const { workflowId, history } of histories) yield await Promise.resolve({ workflowId, history });
  })();
}
