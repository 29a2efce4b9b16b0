import fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { withAccount } from './blob/proxy.js';
import type { EmulatorContext } from './context.js';
import { AzureError, asAzureError } from './errors.js';

/** Adds a service's routes; each service gets a scope of its own for its parsers and hooks. */
export type Register = (app: FastifyInstance, ctx: EmulatorContext) => void;

const LARGEST_BODY = 256 * 1024 * 1024;

export function isTls(request: FastifyRequest): boolean {
  return 'encrypted' in request.raw.socket;
}

/** The base URL as the client spelled it, so that URLs in answers lead back the same way (http or https). */
export function requestBase(request: FastifyRequest): string {
  return `${isTls(request) ? 'https' : 'http'}://${request.headers.host ?? '127.0.0.1'}`;
}

/** The HTTP application with all services. `everywhere` sees the requests of every service. It does not listen yet. */
export async function createApp(
  ctx: EmulatorContext,
  everywhere: Register,
  services: readonly Register[],
): Promise<FastifyInstance> {
  const app = fastify({
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 2048 },
    rewriteUrl: ({ url = '/' }) => withAccount(url),
    bodyLimit: LARGEST_BODY,
    // What is refused before a route is found is answered in Azure's envelope too.
    frameworkErrors: (error, _request, reply) => {
      answerError(ctx, error, reply);
    },
    forceCloseConnections: true,
    // One that is asked to close is answered by nobody: clients see a refused connection and try again.
    return503OnClosing: false,
  });
  parseJson(app);
  app.setErrorHandler((error, _request, reply) => answerError(ctx, error, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    return answerError(
      ctx,
      new AzureError(404, 'NotFound', `No route for ${request.method} ${path}.`),
      reply,
    );
  });
  everywhere(app, ctx);
  for (const service of services) {
    await app.register((scope, _options, done) => {
      service(scope, ctx);
      done();
    });
  }
  await app.ready();
  return app;
}

/** JSON of any media type that ends in json; an empty body is none, as Azure's clients send with some POSTs. */
function parseJson(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser(
    /^application\/([\w.+-]+\+)?json/,
    { parseAs: 'string' },
    (_request, body, done) => {
      const text = String(body);
      if (text.trim() === '') {
        done(null, undefined);
        return;
      }
      try {
        done(null, shallow(JSON.parse(text)));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const message = `The request content was invalid and could not be deserialized: '${reason}'.`;
        done(new AzureError(400, 'InvalidRequestContent', message));
      }
    },
  );
}

/** Deeper JSON is nobody's request: it would only exhaust the stack of whoever walks through it. */
const DEEPEST = 128;

function shallow(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEEPEST) throw new Error(`it is nested more than ${DEEPEST} levels deep`);
  for (const inner of Object.values(value)) shallow(inner, depth + 1);
  return value;
}

function answerError(ctx: EmulatorContext, thrown: unknown, reply: FastifyReply): FastifyReply {
  const error = asAzureError(thrown);
  if (error.status >= 500 && thrown instanceof Error && !(thrown instanceof AzureError)) {
    ctx.log(`unexpected: ${thrown.stack ?? thrown.message}`);
  }
  return reply.code(error.status).header('x-ms-error-code', error.code).send(error.toEnvelope());
}
