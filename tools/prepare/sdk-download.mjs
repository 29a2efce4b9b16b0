import { TestWorkflowEnvironment } from '@temporalio/testing';

/**
 * Downloads the Temporal CLI into the folder given as argument. The SDK offers the download only together with a start,
 * so a server is started and stopped again. Fails with one line that says why.
 */
try {
  const env = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: process.argv[2] ?? '.' } },
  });
  await env.teardown();
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  console.error(text.split('\n')[0]);
  process.exit(1);
}
