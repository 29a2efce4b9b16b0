import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SettingsError, loadSettings } from './settings.js';
import { createWorkers } from './worker-factory.js';

/** Built ahead by `npm run build`: bundling at start would cost seconds. */
const bundle = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

async function main(): Promise<void> {
  const workers = await createWorkers({
    settings: loadSettings(process.env),
    ...(existsSync(bundle) && { workflowBundle: { codePath: bundle } }),
  });
  console.log(
    `worker ready: ${workers.queues.join(', ')}${workers.policy ? '' : ' (no policy: local use only)'}`,
  );
  await workers.run();
}

main().catch((error: unknown) => {
  console.error(error instanceof SettingsError ? error.message : error);
  process.exitCode = error instanceof SettingsError ? 2 : 1;
});
