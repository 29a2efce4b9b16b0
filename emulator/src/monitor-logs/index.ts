import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { EmulatorContext } from '../context.js';
import { guidOf } from '../ids.js';
import { resourcesOf } from '../resources.js';
import type { StoredResource } from '../resources.js';
import { durationMs } from '../scoring/spec.js';
import { readTraffic } from '../scoring/traffic-log.js';
import type { TrafficRow } from '../scoring/traffic-log.js';
import { QueryError, runQuery } from './kql.js';
import type { Columns, Row, Table } from './kql.js';

const TABLE = 'AmlOnlineEndpointTrafficLog';

/** Columns as Azure Monitor's reference lists them. */
const COLUMNS: Columns = {
  TimeGenerated: 'datetime',
  AuthType: 'string',
  AzureMLWorkspaceId: 'string',
  AzureMLWorkspaceName: 'string',
  DeploymentName: 'string',
  EndpointName: 'string',
  IdentityData: 'string',
  Location: 'string',
  Method: 'string',
  ModelStatusCode: 'int',
  ModelStatusReason: 'string',
  OperationName: 'string',
  Path: 'string',
  Protocol: 'string',
  RequestDurationMs: 'int',
  RequestPayloadSize: 'int',
  RequestThrottlingDelayMs: 'int',
  ResponseCode: 'int',
  ResponseCodeReason: 'string',
  ResponseDurationMs: 'int',
  ResponsePayloadSize: 'int',
  ResponseThrottlingDelayMs: 'int',
  SourceSystem: 'string',
  TenantId: 'string',
  TotalDurationMs: 'int',
  Type: 'string',
  UserAgent: 'string',
  XMSClientRequestId: 'string',
  XRequestId: 'string',
  _ResourceId: 'string',
  _SubscriptionId: 'string',
};

const body = z.object({ query: z.string().min(1), timespan: z.string().nullish() });

function isType(resource: StoredResource, type: string): boolean {
  return resource.type.toLowerCase().endsWith(type);
}

/** Ids (lower case) of what sends its traffic log to a Log Analytics workspace; undefined when there is no such workspace. */
function sourcesOf(ctx: EmulatorContext, workspaceId: string): string[] | undefined {
  const all = resourcesOf(ctx.store).list('/subscriptions/');
  const same = (guid: unknown) => String(guid).toLowerCase() === workspaceId.toLowerCase();
  const workspace = all.find(
    ({ value }) =>
      isType(value, 'operationalinsights/workspaces') &&
      same(value.properties['customerId'] ?? guidOf(value.id)),
  );
  if (workspace !== undefined) {
    return all
      .filter(({ value }) => isType(value, 'diagnosticsettings') && sendsTraffic(value, workspace.key))
      .map(({ key }) => key.replace(/\/providers\/microsoft\.insights\/diagnosticsettings\/[^/]+$/, ''));
  }
  const ml = all.find(
    ({ value }) =>
      isType(value, 'machinelearningservices/workspaces') && same(value.properties['workspaceId']),
  );
  return ml && [ml.key];
}

const logs = z.array(
  z.object({ category: z.string().nullish(), categoryGroup: z.string().nullish(), enabled: z.boolean() }),
);

function sendsTraffic({ properties }: StoredResource, workspaceKey: string): boolean {
  if (String(properties['workspaceId']).toLowerCase() !== workspaceKey) return false;
  const parsed = logs.safeParse(properties['logs']);
  return (
    parsed.success &&
    parsed.data.some(
      ({ category, categoryGroup, enabled }) =>
        enabled && (category === TABLE || categoryGroup?.toLowerCase() === 'alllogs'),
    )
  );
}

/** `PT1H`, `start/end`, `start/PT1H` or `PT1H/end` as milliseconds since 1970. */
function readTimespan(text: string, now: number): [number, number] {
  const parts = text.split('/');
  const [first = '', second] = parts;
  const spans = parts.map(durationMs);
  const dates = parts.map((part) => Date.parse(part));
  let range: [number, number];
  if (second === undefined) range = [now - (spans[0] ?? NaN), now];
  else if (spans[0] !== undefined) range = [(dates[1] ?? NaN) - spans[0], dates[1] ?? NaN];
  else range = [dates[0] ?? NaN, spans[1] === undefined ? (dates[1] ?? NaN) : (dates[0] ?? NaN) + spans[1]];
  if (range.some(Number.isNaN) || parts.length > 2)
    throw new QueryError(
      `'${first}${second === undefined ? '' : `/${second}`}' is no timespan: give PT1H, START/END or START/PT1H.`,
    );
  return range;
}

function trafficTable(ctx: EmulatorContext, sources: string[], [from, to]: [number, number]): Table {
  const isIncluded = ({ _ResourceId, TimeGenerated }: TrafficRow) => {
    const at = Date.parse(TimeGenerated);
    const id = _ResourceId.toLowerCase();
    return at >= from && at <= to && sources.some((source) => id === source || id.startsWith(`${source}/`));
  };
  const rows = readTraffic(ctx.dataDir)
    .filter(isIncluded)
    .map((row): Row => ({ ...row, SourceSystem: 'Azure', TenantId: '', Type: TABLE }));
  return { columns: COLUMNS, rows };
}

function toAnswer({ columns, rows }: Table): unknown {
  const names = Object.keys(columns);
  return {
    tables: [
      {
        name: 'PrimaryResult',
        columns: names.map((name) => ({ name, type: columns[name] })),
        rows: rows.map((row) => names.map((name) => row[name] ?? null)),
      },
    ],
  };
}

function badArgument(message: string): unknown {
  return {
    error: {
      message: 'The request had some invalid properties',
      code: 'BadArgumentError',
      innererror: { code: 'SyntaxError', message },
    },
  };
}

/**
 * Adds `POST /v1/workspaces/{id}/query` of the Log Analytics API over online endpoints' traffic. `{id}` is the
 * `customerId` of a Log Analytics workspace, which holds what diagnostic settings send there, or, for use without
 * any, the GUID of an Azure ML workspace.
 */
export function registerMonitorLogs(app: FastifyInstance, ctx: EmulatorContext): void {
  app.post('/v1/workspaces/:id/query', async (request, reply) => {
    const { id } = request.params as { id: string };
    if (request.headers.authorization === undefined)
      return reply.code(401).send({
        error: {
          code: 'AuthenticationFailed',
          message: "Authentication failed. The 'Authorization' header is missing.",
        },
      });
    const sources = sourcesOf(ctx, id);
    if (sources === undefined)
      return reply.code(404).send({
        error: { code: 'WorkspaceNotFoundError', message: `The workspace ${id} could not be found` },
      });
    const parsed = body.safeParse(request.body);
    if (!parsed.success)
      return reply.code(400).send(badArgument('The body has to be {"query": "…", "timespan": "…"}.'));
    const { query, timespan } = parsed.data;
    const now = Date.now();
    try {
      const range = timespan ? readTimespan(timespan, now) : ([-Infinity, Infinity] as [number, number]);
      return await reply.send(
        toAnswer(runQuery(query, { [TABLE]: () => trafficTable(ctx, sources, range) }, now)),
      );
    } catch (error) {
      if (error instanceof QueryError) return reply.code(400).send(badArgument(error.message));
      throw error;
    }
  });
}
