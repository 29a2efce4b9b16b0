import { build } from 'esbuild';

/**
 * Makes one file of the program that measures next to the data; only DuckDB, which is native, goes beside it.
 * @param {string} entry its main module, compiled or not
 * @param {string} outfile
 */
export async function bundleMonitoringJob(entry, outfile) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['@duckdb/node-api'],
    legalComments: 'none',
    logLevel: 'warning',
  });
}
