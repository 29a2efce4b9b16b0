import { build } from 'esbuild';
import { readdir, readFile, writeFile } from 'node:fs/promises';
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

/** grpc-js loads it for the admin services of a server (channelz), and this Action is none: 0.1 MB. */
const withoutProtoLoader = {
  name: 'without-proto-loader',
  setup(plugin) {
    plugin.onResolve({ filter: /^@grpc\/proto-loader$/ }, () => ({
      path: 'proto-loader',
      namespace: 'left-out',
    }));
    plugin.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({
      contents: 'exports.loadSync = () => { throw new Error("channelz is not part of this bundle"); };',
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
  const { metafile } = await build({
    absWorkingDir: resolve(here, '..'),
    entryPoints: ['action/src/index.ts'],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    tsconfigRaw: { compilerOptions: { target: 'ES2023', verbatimModuleSyntax: true } },
    plugins: [withoutOidc, withoutProtoLoader],
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
  });
  await writeFile(join(outdir, 'licenses.txt'), await licenses(Object.keys(metafile.inputs)));
  return { bytes: (await readFile(outfile)).byteLength };
}

/**
 * Licence texts of the packages that are part of the bundle, as most of those licences ask for.
 * @param {readonly string[]} inputs paths relative to the repository's root
 */
async function licenses(inputs) {
  const folders = new Set(
    inputs
      .map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
      .filter((folder) => folder !== undefined),
  );
  const texts = await Promise.all([...folders].sort().map((folder) => license(resolve(here, '..', folder))));
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** @param {string} folder of an installed package */
async function license(folder) {
  const { name, version, license: kind } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
  return `${name} ${version} (${kind})\n\n${text.trim()}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bytes } = await buildAction();
  console.log(`action/dist/index.js  ${(bytes / 1e6).toFixed(2)} MB`);
}
