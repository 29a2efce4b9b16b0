import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const lib = fileURLToPath(new URL('../../lib/', import.meta.url));

/** The program that measures next to the data as one file; only DuckDB, which is native, goes beside it. */
await build({
  entryPoints: [join(lib, 'src', 'monitoring', 'job', 'main.js')],
  outfile: join(lib, 'monitoring-job.mjs'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['@duckdb/node-api'],
  legalComments: 'none',
  logLevel: 'warning',
});
