/** Bundles the Action into `index.js` below `outdir` (default `action/dist`). */
export function buildAction(options?: { readonly outdir?: string }): Promise<{ readonly bytes: number }>;
