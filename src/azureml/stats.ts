import type { RequestRow } from '../domain/health.js';
import type { AzureMl } from './client.js';
import { AzureError, errorFromBody } from './errors.js';
import { post } from './plain.js';
import { getOrUndefined } from './transport.js';

export const LOGS_API = '2023-09-01';

/** ARM id of the Log Analytics workspace with the traffic log: the target's, else the one that setup makes. */
export function logAnalyticsId(ml: AzureMl): string {
  const group = ml.id.split('/').slice(0, 5).join('/');
  return (
    ml.target.logAnalytics ??
    `${group}/providers/Microsoft.OperationalInsights/workspaces/${ml.target.name}-logs`
  );
}

const customers = new WeakMap<AzureMl, string>();

async function customerId(ml: AzureMl): Promise<string> {
  const known = customers.get(ml);
  if (known !== undefined) return known;
  const id = logAnalyticsId(ml);
  const body = await getOrUndefined(ml, id, { apiVersion: LOGS_API });
  const found = (body as { properties?: { customerId?: string } } | undefined)?.properties?.customerId;
  if (found === undefined) {
    throw new AzureError(
      `there is no Log Analytics workspace ${id.split('/').at(-1) ?? ''}; run mlops setup --apply, or name yours in the policy`,
      {
        code: 'LogAnalyticsMissing',
        status: 404,
        target: id,
        operation: 'GET Log Analytics workspace',
      },
    );
  }
  customers.set(ml, found);
  return found;
}

export interface StatsQuery {
  readonly endpoint: string;
  readonly deployment: string;
  /** Milliseconds since the epoch; `toMs` excluded. */
  readonly fromMs: number;
  readonly toMs: number;
}

const MOST_ROWS = 100_000;

/**
 * Requests that a deployment answered, oldest first, from `AmlOnlineEndpointTrafficLog`. Azure shows a request some
 * minutes late: windows must allow for it. At most 100,000 rows, the newest of the window.
 */
export async function requestStats(ml: AzureMl, query: StatsQuery): Promise<RequestRow[]> {
  const text = [
    ...trafficOf(ml, query),
    `where DeploymentName =~ ${quoted(query.deployment)}`,
    'project TimeGenerated, ResponseCode, TotalDurationMs',
    `top ${MOST_ROWS} by TimeGenerated desc`,
  ].join('\n| ');
  const table = await queryLogs(ml, text, query);
  return table
    .map(([at, status, duration]) => ({
      at: Date.parse(String(at)),
      status: Number(status),
      durationMs: Number(duration),
    }))
    .sort((a, b) => a.at - b.at);
}

/** Who called an endpoint in a window. Milliseconds since the epoch. */
export interface CallerRow {
  /** The `User-Agent` header, which Azure cuts at 70 characters; '' where none was sent. */
  readonly agent: string;
  /** What Azure knows of the caller's identity; '' for a key. */
  readonly identity: string;
  readonly requests: number;
  readonly lastAt: number;
}

const MOST_CALLERS = 100;

/**
 * Who called an endpoint, the most frequent first, at most 100; columns as in
 * https://learn.microsoft.com/azure/azure-monitor/reference/tables/amlonlineendpointtrafficlog
 */
export async function endpointCallers(
  ml: AzureMl,
  query: Omit<StatsQuery, 'deployment'>,
): Promise<CallerRow[]> {
  const text = [
    ...trafficOf(ml, query),
    'summarize requests = count(), last = max(TimeGenerated) by UserAgent, IdentityData',
    `top ${MOST_CALLERS} by requests desc`,
  ].join('\n| ');
  const rows = await queryLogs(ml, text, query);
  return rows.map(([agent, identity, requests, last]) => ({
    agent: textOf(agent),
    identity: textOf(identity),
    requests: Number(requests),
    lastAt: Date.parse(textOf(last)),
  }));
}

function textOf(cell: unknown): string {
  return typeof cell === 'string' ? cell : '';
}

/** The lines of a query that choose an endpoint's requests in a window. */
function trafficOf(
  ml: AzureMl,
  { endpoint, fromMs, toMs }: Pick<StatsQuery, 'endpoint' | 'fromMs' | 'toMs'>,
): string[] {
  return [
    'AmlOnlineEndpointTrafficLog',
    `where TimeGenerated >= datetime(${iso(fromMs)}) and TimeGenerated < datetime(${iso(toMs)})`,
    // One Log Analytics workspace may hold several Azure ML workspaces with endpoints of the same name.
    `where _ResourceId =~ ${quoted(`${ml.id}/onlineEndpoints/${endpoint}`)}`,
  ];
}

/** The first cell of what a query answers over a window; undefined when it answers no row. */
export async function queryNumber(
  ml: AzureMl,
  query: string,
  window: Pick<StatsQuery, 'fromMs' | 'toMs'>,
): Promise<number | undefined> {
  const cell = (await queryLogs(ml, query, window))[0]?.[0];
  return cell === undefined || cell === null ? undefined : Number(cell);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

async function queryLogs(
  ml: AzureMl,
  query: string,
  { fromMs, toMs }: Pick<StatsQuery, 'fromMs' | 'toMs'>,
): Promise<unknown[][]> {
  const logsUrl = (ml.connection.logsUrl ?? 'https://api.loganalytics.azure.com').replace(/\/+$/, '');
  const token = await ml.connection.credential.getToken(`${logsUrl}/.default`);
  const operation = 'query Log Analytics';
  const answer = await post({
    url: `${logsUrl}/v1/workspaces/${await customerId(ml)}/query`,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token?.token ?? ''}` },
    body: JSON.stringify({ query, timespan: `${iso(fromMs)}/${iso(toMs)}` }),
    timeoutMs: 180_000,
    operation,
  });
  const body = parsed(answer.body);
  // Before the first request ever, Log Analytics does not know the table.
  if (answer.status === 400 && /Failed to resolve table/i.test(answer.body)) return [];
  if (answer.status >= 300) {
    throw errorFromBody(body, { operation, status: answer.status, headers: answer.headers });
  }
  return (body as { tables?: { rows?: unknown[][] }[] }).tables?.[0]?.rows ?? [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Sends an endpoint's traffic log (and console and events) to Log Analytics. Doing it again changes nothing. */
export async function ensureDiagnostics(ml: AzureMl, endpointId: string): Promise<void> {
  const path = `${endpointId}/providers/Microsoft.Insights/diagnosticSettings/mlops`;
  const apiVersion = '2021-05-01-preview';
  const workspaceId = logAnalyticsId(ml);
  const known = (await getOrUndefined(ml, path, { apiVersion })) as Setting | undefined;
  const isSame = known?.properties?.workspaceId?.toLowerCase() === workspaceId.toLowerCase();
  const enabled = known?.properties?.logs?.filter((log) => log.enabled).map(({ category }) => category) ?? [];
  if (isSame && CATEGORIES.every((category) => enabled.includes(category))) return;
  const logs = CATEGORIES.map((category) => ({ category, enabled: true }));
  await ml.send({ method: 'PUT', path, apiVersion, body: { properties: { workspaceId, logs } } });
}

const CATEGORIES = [
  'AmlOnlineEndpointTrafficLog',
  'AmlOnlineEndpointConsoleLog',
  'AmlOnlineEndpointEventLog',
];

interface Setting {
  readonly properties?: {
    readonly workspaceId?: string;
    readonly logs?: readonly { readonly category: string; readonly enabled: boolean }[];
  };
}
