import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** `@actions/core` loads an HTTP client (undici, 0.4 MB) for OIDC tokens, which this Action never asks for. */
const withoutOidc = {
  name: 'without-oidc',
  setup(plugin) {
    plugin.onLoad({ filter: /@actions[\\/]core[\\/]lib[\\/]oidc-utils\.js$/ }, () => ({
      contents:
        'export class OidcClient { static getIDToken() { throw new Error("OIDC is not part of this bundle"); } }',
    }));
  },
};

/**
 * Bundles the Action into one file; the same sources give the same bytes.
 * @param {{ outdir?: string }} options
 * @returns {Promise<{ bytes: number }>}
 */
export async function buildAction({ outdir = join(here, 'dist') } = {}) {
  const outfile = resolve(outdir, 'index.js');
  await build({
    absWorkingDir: resolve(here, '..'),
    entryPoints: ['action/src/index.ts'],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    legalComments: 'linked',
    logLevel: 'warning',
    tsconfigRaw: { compilerOptions: { target: 'ES2023', verbatimModuleSyntax: true } },
    plugins: [withoutOidc],
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
  });
  return { bytes: (await readFile(outfile)).byteLength };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bytes } = await buildAction();
  console.log(`action/dist/index.js  ${(bytes / 1e6).toFixed(2)} MB`);
}
