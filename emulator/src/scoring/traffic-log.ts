import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Changes } from '../changes.js';
import type { FoundEndpoint } from './endpoints.js';
import { authModeOf } from './auth.js';
import type { ScoreAnswer, ScoreRequest } from './forward.js';
import { shortHash } from './group.js';

/** A request as it came in. */
export interface Call {
  readonly found: FoundEndpoint;
  readonly request: ScoreRequest;
  readonly path: string;
  readonly protocol: string;
  readonly userAgent: string;
  readonly requestId: string;
  /** The client's own id of the request, or ''. */
  readonly clientId: string;
  /** From the request's beginning to its last byte. */
  readonly receivedMs: number;
}

/** A row of Azure Monitor's table AmlOnlineEndpointTrafficLog; durations in ms, sizes in bytes. */
export interface TrafficRow {
  TimeGenerated: string;
  AuthType: string;
  AzureMLWorkspaceId: string;
  AzureMLWorkspaceName: string;
  DeploymentName: string;
  EndpointName: string;
  IdentityData: string;
  Location: string;
  Method: string;
  ModelStatusCode: number | null;
  ModelStatusReason: string;
  OperationName: string;
  Path: string;
  Protocol: string;
  RequestDurationMs: number;
  RequestPayloadSize: number;
  RequestThrottlingDelayMs: number;
  ResponseCode: number;
  ResponseCodeReason: string;
  ResponseDurationMs: number;
  ResponsePayloadSize: number;
  ResponseThrottlingDelayMs: number;
  TotalDurationMs: number;
  UserAgent: string;
  XMSClientRequestId: string;
  XRequestId: string;
  _ResourceId: string;
  _SubscriptionId: string;
}

/** One row a request, in one append-only file a deployment of at most twice 8 MiB. */
export interface TrafficLog {
  add(row: TrafficRow): void;
}

const MAX_BYTES = 8 * 1024 * 1024;

function logFolder(dataDir: string): string {
  return join(dataDir, 'traffic');
}

function logFile(dataDir: string, endpointId: string, deployment: string): string {
  return join(logFolder(dataDir), `${shortHash(`${endpointId}/${deployment}`)}.jsonl`);
}

/** Rows are written when `add` returns, so that they survive the death of the emulator. */
export function createTrafficLog(dataDir: string, changes?: Changes): TrafficLog {
  const sizes = new Map<string, number>();
  return {
    add(row) {
      const path = logFile(dataDir, row._ResourceId, row.DeploymentName);
      const line = `${JSON.stringify(row)}\n`;
      const size = sizes.get(path) ?? sizeOf(path);
      if (size > MAX_BYTES) renameSync(path, path.replace(/jsonl$/, 'old.jsonl'));
      appendFileSync(path, line);
      sizes.set(path, (size > MAX_BYTES ? 0 : size) + line.length);
      changes?.tell({ collection: 'traffic', key: row._ResourceId });
    },
  };
}

function sizeOf(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** All rows of all deployments, in no order. */
export function readTraffic(dataDir: string): TrafficRow[] {
  const folder = logFolder(dataDir);
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8').split('\n').filter(isWhole).map(rowOf),
  );
}

const RECENT_BYTES = 64 * 1024;

/**
 * The newest rows of some deployments of an endpoint, newest first, at most `count`; deployment '' stands for calls that
 * no deployment was chosen for. Reads the ends of the files alone.
 */
export function recentTraffic(
  dataDir: string,
  endpointId: string,
  deployments: readonly string[],
  count: number,
): TrafficRow[] {
  return deployments
    .flatMap((deployment) => endOf(logFile(dataDir, endpointId, deployment)))
    .sort((left, right) => right.TimeGenerated.localeCompare(left.TimeGenerated))
    .slice(0, count);
}

function endOf(path: string): TrafficRow[] {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return [];
  const from = Math.max(0, size - RECENT_BYTES);
  const bytes = Buffer.alloc(size - from);
  const file = openSync(path, 'r');
  readSync(file, bytes, 0, bytes.length, from);
  closeSync(file);
  const lines = bytes.toString('utf8').split('\n');
  return lines
    .slice(from === 0 ? 0 : 1)
    .filter(isWhole)
    .map(rowOf);
}

function isWhole(line: string): boolean {
  return line.endsWith('}');
}

function rowOf(line: string): TrafficRow {
  return JSON.parse(line) as TrafficRow;
}

/** The row of a call that took `totalMs`; `deployment` is '' where the router refused it before choosing one. */
export function trafficRow(call: Call, deployment: string, answer: ScoreAnswer, totalMs: number): TrafficRow {
  const { workspace, endpoint } = call.found;
  return {
    TimeGenerated: new Date(Date.now() - totalMs).toISOString(),
    AuthType: authModeOf(endpoint),
    AzureMLWorkspaceId: String(workspace.properties['workspaceId']),
    AzureMLWorkspaceName: workspace.name,
    DeploymentName: deployment,
    EndpointName: endpoint.name,
    IdentityData: '',
    Location: endpoint.location ?? '',
    Method: call.request.method,
    ModelStatusCode: answer.modelStatus ?? null,
    ModelStatusReason: answer.modelReason,
    OperationName: 'InferenceServer.Request',
    Path: call.path,
    Protocol: call.protocol,
    RequestDurationMs: Math.round(call.receivedMs),
    RequestPayloadSize: call.request.body?.length ?? 0,
    RequestThrottlingDelayMs: 0,
    ResponseCode: answer.status,
    ResponseCodeReason: answer.reason,
    ResponseDurationMs: Math.max(0, Math.round(totalMs - call.receivedMs)),
    ResponsePayloadSize: answer.body.length,
    ResponseThrottlingDelayMs: 0,
    TotalDurationMs: Math.round(totalMs),
    UserAgent: call.userAgent,
    XMSClientRequestId: call.clientId,
    XRequestId: call.requestId,
    _ResourceId: endpoint.id,
    _SubscriptionId: endpoint.id.split('/')[2] ?? '',
  };
}
