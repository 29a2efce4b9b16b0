/**
 * Hidden line in a worker's comment that says which workflows an answer to it is meant for. It proves nothing: a
 * workflow verifies every answer by itself.
 */
export interface Marker {
  /** Workflow id of the lifecycle. */
  readonly lifecycle: string;
  readonly project: string;
  /** Environment that waits for an approval. */
  readonly environment?: string;
  /** First 12 hexadecimal digits of the pending evidence; absent when nothing is pending. */
  readonly code?: string;
  /** Workflow id of the endpoint, the receiver of `/rollback`. */
  readonly endpoint?: string;
  /** A plan stands once on a pull request and is edited for each new commit; anything else is a request. */
  readonly purpose?: 'plan';
}

/** Whether two markers belong to one text, which is edited instead of written again. */
export function sameText(a: Marker, b: Marker): boolean {
  if (a.purpose !== b.purpose) return false;
  if (a.purpose === 'plan') return a.project === b.project;
  return a.lifecycle === b.lifecycle && a.environment === b.environment;
}

const pattern = /<!-- mlops (\{.*?\}) -->/g;

/** `<!-- mlops {…} -->`; `--` would end the HTML comment, so hyphens are escaped as JSON allows. */
export function formatMarker(marker: Marker): string {
  return `<!-- mlops ${JSON.stringify(marker).replaceAll('-', '\\u002d').replaceAll('>', '\\u003e')} -->`;
}

/** Every well-formed marker of a comment's or an issue's body; anything else is skipped. */
export function parseMarkers(body: string): Marker[] {
  return [...body.matchAll(pattern)].flatMap(([, json]) => {
    const marker = toMarker(json ?? '');
    return marker === undefined ? [] : [marker];
  });
}

function toMarker(json: string): Marker | undefined {
  const value = parseObject(json);
  const text = (key: string): string | undefined => {
    const found = value?.[key];
    return typeof found === 'string' && found !== '' ? found : undefined;
  };
  const lifecycle = text('lifecycle');
  const project = text('project');
  if (lifecycle === undefined || project === undefined) return undefined;
  const optional = { environment: text('environment'), code: text('code'), endpoint: text('endpoint') };
  return {
    lifecycle,
    project,
    ...(optional.environment !== undefined && { environment: optional.environment }),
    ...(optional.code !== undefined && { code: optional.code }),
    ...(optional.endpoint !== undefined && { endpoint: optional.endpoint }),
    ...(text('purpose') === 'plan' && { purpose: 'plan' }),
  };
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
