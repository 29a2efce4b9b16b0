import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { searchAttributes } from '../src/workflows/messages.js';

/** A Temporal server of the benchmark's own, with the binary that `tools/prepare.mjs` found. */
export async function startServer(): Promise<TestWorkflowEnvironment> {
  const path = process.env['MLOPS_TEMPORAL_BINARY'];
  if (path === undefined) throw new Error('MLOPS_TEMPORAL_BINARY names no server: run `npm run bench`.');
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      log: { format: 'pretty', level: 'error' },
      searchAttributes: Object.keys(searchAttributes).map((name) =>
        defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
      ),
    },
  });
}
