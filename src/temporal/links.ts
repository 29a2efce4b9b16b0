const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(?::(\d+))?$/;

/**
 * Base address of the Temporal UI for a frontend's address: Temporal Cloud's, or on loopback the port that
 * `temporal server start-dev` gives its UI (1000 above). Elsewhere it has to be configured.
 */
export function uiBase(configured: string | undefined, address: string): string | undefined {
  if (configured !== undefined) return configured.replace(/\/+$/, '');
  if (/\.(tmprl\.cloud|temporal\.io)(:\d+)?$/.test(address)) return 'https://cloud.temporal.io';
  const local = loopback.exec(address);
  return local ? `http://${local[1] ?? 'localhost'}:${Number(local[2] ?? '7233') + 1000}` : undefined;
}

/** Address of a workflow in the Temporal UI. */
export function workflowLink(base: string, namespace: string, workflowId: string): string {
  return `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
