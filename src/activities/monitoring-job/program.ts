import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';

/** Made by `npm run build`, beside the compiled sources. */
const bundle = fileURLToPath(new URL('../../../monitoring-job.mjs', import.meta.url));

/** Machines of Azure ML are these, whatever the worker's is. */
const bindings = '@duckdb/node-bindings-linux-x64';

/**
 * Lays the job's code into a folder: `look.mjs`, and beside it this worker's own DuckDB, so that the same SQL gives the
 * same numbers.
 */
export async function layProgram(dir: string): Promise<void> {
  const api = packageFolder('@duckdb/node-api', import.meta.url);
  const packages = {
    '@duckdb/node-api': api,
    '@duckdb/node-bindings': packageFolder('@duckdb/node-bindings', `${api}/`),
    [bindings]: packageFolder(bindings, `${api}/`),
  };
  await cp(bundle, join(dir, 'look.mjs'));
  for (const [name, folder] of Object.entries(packages)) {
    await cp(folder, join(dir, 'node_modules', name), { recursive: true, dereference: true });
  }
}

function packageFolder(name: string, from: string): string {
  try {
    return dirname(createRequire(from).resolve(`${name}/package.json`));
  } catch (error) {
    throw ApplicationFailure.nonRetryable(
      `engine: azureml sends DuckDB along, and this worker (${process.platform} ${process.arch}) has no ${name}. Run the worker on linux x64 with glibc, or install it there: npm install --no-save --os=linux --cpu=x64 --libc=glibc ${name}`,
      'WorkerIncomplete',
      { cause: error instanceof Error ? error.message : String(error) },
    );
  }
}
