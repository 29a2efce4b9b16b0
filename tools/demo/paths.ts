import { fileURLToPath } from 'node:url';

/** The checkout; this file runs as lib/tools/demo/paths.js. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));
