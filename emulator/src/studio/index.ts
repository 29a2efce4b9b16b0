import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { STUDIO } from '../control/routes.js';
import type { RequestLog } from '../control/request-log.js';
import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import { getResource } from '../resources.js';
import { artifactLocation } from '../runner/uris.js';
import type { Scoring } from '../scoring/index.js';
import { ASSETS, IMPORT_MAP_HASH, readAsset } from './assets.js';
import { protect, requireOwnSite } from './guard.js';
import type { StudioParts } from './page.js';
import { createRegistries, createScopes, pageUrl, scopeAt, scopeId } from './scope.js';
import type { Scope } from './scope.js';

interface Names {
  readonly s: string;
  readonly g: string;
  readonly w: string;
  readonly name: string;
  readonly '*': string;
}

const IN_WORKSPACE = `${STUDIO}/:s/:g/:w`;
const API_VERSION = '2024-04-01';
const WHOLE_LOG = 1_000_000;

/** Adds the web page under `/studio`, with Azure ML studio's own addresses of jobs leading there. */
export function registerStudio(
  app: FastifyInstance,
  ctx: EmulatorContext,
  requests: RequestLog,
  scoring: Scoring,
): void {
  // What makes pages is loaded when the first one is asked for: a start does without.
  let made: Promise<StudioParts> | undefined;
  const partsOf = () => (made ??= makeParts(ctx, requests, scoring));

  app.addHook('onRequest', (request, reply, done) => {
    requireOwnSite(request);
    protect(reply, IMPORT_MAP_HASH);
    done();
  });
  app.addContentTypeParser('application/x-www-form-urlencoded', (_request, payload, done) => {
    payload.resume();
    done(null, undefined);
  });
  registerPages(app, partsOf);
  registerFiles(app, ctx, scoring);
  registerActions(app, ctx);
  registerAzureLinks(app, ctx);
}

async function makeParts(ctx: EmulatorContext, requests: RequestLog, scoring: Scoring): Promise<StudioParts> {
  const { createJobIndex } = await import('./job-index.js');
  const { createMetricHistories } = await import('./metric-histories.js');
  const scopes = createScopes(ctx);
  const registries = createRegistries(ctx);
  return {
    ctx,
    requests,
    scoring,
    scopes,
    registries,
    jobs: createJobIndex(ctx),
    metricsOf: createMetricHistories(ctx),
  };
}

function registerPages(app: FastifyInstance, partsOf: () => Promise<StudioParts>): void {
  const page = async (request: FastifyRequest, reply: FastifyReply) => {
    const { findPage } = await import('./find-page.js');
    const { renderDocument } = await import('./layout.js');
    const parts = await partsOf();
    const found = await findPage(parts, new URL(request.url, 'http://page'));
    return reply
      .code(found.status ?? 200)
      .type('text/html; charset=utf-8')
      .send(renderDocument(parts, found));
  };
  app.get(STUDIO, page);
  app.get(`${STUDIO}/*`, page);
  app.get<{ Querystring: { page?: string } }>(`${STUDIO}/-/live`, async ({ query }, reply) => {
    const url = new URL(query.page ?? STUDIO, 'http://page');
    if (!url.pathname.startsWith(STUDIO)) throw new AzureError(400, 'InvalidParameter', 'page is no page.');
    const { keepUp } = await import('./live.js');
    keepUp(await partsOf(), url, reply);
    return reply;
  });
}

function registerFiles(app: FastifyInstance, ctx: EmulatorContext, scoring: Scoring): void {
  app.get<{ Params: { name: string } }>(`${ASSETS}/:name`, async (request, reply) => {
    const asset = await readAsset(request.params.name);
    if (asset === undefined)
      throw new AzureError(404, 'NotFound', `There is no file ${request.params.name}.`);
    return reply.type(asset.type).send(asset.content);
  });
  app.get<{ Params: Names }>(`${IN_WORKSPACE}/jobs/:name/files/*`, async ({ params }, reply) => {
    const { sendFile } = await import('./files.js');
    const scope = scopeOf(ctx, params);
    return sendFile(ctx, artifactLocation(ctx, scope.id, params.name), params['*'], reply);
  });
  app.get<{ Params: Names & { deployment: string } }>(
    `${IN_WORKSPACE}/endpoints/:name/log/:deployment`,
    async ({ params }, reply) => {
      const id = `${scopeOf(ctx, params).id}/onlineEndpoints/${params.name}/deployments/${params.deployment}`;
      if (getResource(ctx.store, id) === undefined)
        throw new AzureError(404, 'NotFound', `There is no deployment ${params.deployment}.`);
      return reply.type('text/plain; charset=utf-8').send(await scoring.logs(id, WHOLE_LOG));
    },
  );
}

/** What the page lets people do is what a client would do: it shows among the calls. */
function registerActions(app: FastifyInstance, ctx: EmulatorContext): void {
  const actions = { jobs: 'cancel', schedules: 'trigger' };
  for (const [section, action] of Object.entries(actions)) {
    app.post<{ Params: Names }>(`${IN_WORKSPACE}/${section}/:name/${action}`, async ({ params }, reply) => {
      const scope = scopeOf(ctx, params);
      const path = `${scope.id}/${section}/${encodeURIComponent(params.name)}/${action}`;
      const answer = await app.inject({
        method: 'POST',
        url: `${path}?api-version=${API_VERSION}`,
        headers: { authorization: 'Bearer page', 'user-agent': 'azureml-emulator page' },
      });
      if (answer.statusCode >= 400)
        return reply.code(answer.statusCode).type('application/json').send(answer.body);
      return reply.redirect(pageUrl(scope, section, params.name), 303);
    });
  }
}

/** Studio's addresses, as clients print and build them: `/runs/NAME?wsid=…`. */
function registerAzureLinks(app: FastifyInstance, ctx: EmulatorContext): void {
  const links: readonly (readonly [path: string, section: string])[] = [
    ['/runs/:name', 'jobs'],
    ['/endpoints/realtime/:name/*', 'endpoints'],
    ['/endpoints/batch/:name/*', 'batch'],
    ['/model/:name/*', 'models'],
    ['/data/:name/*', 'data'],
  ];
  for (const [path, section] of links) {
    app.get<{ Params: { name: string }; Querystring: { wsid?: string } }>(
      path,
      ({ params, query }, reply) => {
        const scope = scopeAt(ctx, query.wsid ?? '');
        if (scope === undefined) return reply.redirect(STUDIO, 302);
        return reply.redirect(pageUrl(scope, section, ...params.name.split(':')), 302);
      },
    );
  }
  app.get('/', (_request, reply) => reply.redirect(STUDIO, 302));
}

function scopeOf(ctx: EmulatorContext, { s, g, w }: Names): Scope {
  const scope = scopeAt(ctx, scopeId([s, g, w]));
  if (scope === undefined) throw new AzureError(404, 'NotFound', `There is no workspace ${w}.`);
  return scope;
}
