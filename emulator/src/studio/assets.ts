import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { STUDIO } from '../control/routes.js';

/** Where files that pages load lie; no workspace is called `-`. */
export const ASSETS = `${STUDIO}/-/assets`;

const require = createRequire(import.meta.url);
// The same from src/ and from lib/.
const own = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

interface Asset {
  readonly type: string;
  readonly path: () => string;
}

const FILES: Readonly<Record<string, Asset>> = {
  'studio.css': { type: STYLE, path: () => own('assets/studio.css') },
  'icon.svg': { type: 'image/svg+xml', path: () => own('assets/icon.svg') },
  'studio.js': { type: SCRIPT, path: () => own('lib/studio/client/studio.js') },
  'live-log.js': { type: SCRIPT, path: () => own('lib/studio/client/live-log.js') },
  'metric-chart.js': { type: SCRIPT, path: () => own('lib/studio/client/metric-chart.js') },
  'uplot.js': { type: SCRIPT, path: () => require.resolve('uplot/dist/uPlot.esm.js') },
  'uplot.css': { type: STYLE, path: () => require.resolve('uplot/dist/uPlot.min.css') },
  'idiomorph.js': { type: SCRIPT, path: () => require.resolve('idiomorph/dist/idiomorph.esm.js') },
};

/** Where the browser finds the packages that the page's scripts name. */
export const IMPORT_MAP = JSON.stringify({
  imports: { uplot: `${ASSETS}/uplot.js`, idiomorph: `${ASSETS}/idiomorph.js` },
});

/** By which the policy of a page lets the map through. */
export const IMPORT_MAP_HASH = `sha256-${createHash('sha256').update(IMPORT_MAP).digest('base64')}`;

/** A file that pages load; undefined when there is none of that name. */
export async function readAsset(name: string): Promise<{ type: string; content: Buffer } | undefined> {
  if (!Object.hasOwn(FILES, name)) return undefined;
  const asset = FILES[name];
  return asset && { type: asset.type, content: await readFile(asset.path()) };
}
